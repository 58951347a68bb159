// Removes from a script's output whatever looks like a secret, before it is stored or sent to people. It errs on the
// side of removing too much.

const HIDDEN = '***';

// In this order: an Authorization value goes before the `key: value` rule, which would take only its first word. Each
// pattern is linear in the length of the text.
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, HIDDEN],
  [/:\/\/[^\s/@]+@/g, `://${HIDDEN}@`],
  [/\b(bearer)\s{1,3}[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [/\b(basic)\s{1,3}[\w+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN],
  [/(--?(?:password|passwd|secret|token|api-?key)[\w-]{0,40}\s{1,3})(?:"[^"\n]*"|'[^'\n]*'|\S+)/gi, `$1${HIDDEN}`],
  [
    /((?:password|passwd|pwd|secret|token|key)[\w.-]{0,40}["']?[ \t]{0,3}[=:][ \t]{0,3})(?:"[^"\n]*"|'[^'\n]*'|[^\s,;&]+)/gi,
    `$1${HIDDEN}`,
  ],
];

/** The text with secrets replaced by `***`: `DB_PASSWORD=hunter2` becomes `DB_PASSWORD=***`. */
export function redact(text: string): string {
  return secrets.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}
