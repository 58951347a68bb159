// Whether EventBridge would let an event through a pattern: as much of its rules as our own patterns use.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html

type Json = Readonly<Record<string, unknown>>;

/** Every field of the pattern must be met; a list is met by one of its values, a list in the event by one of them. */
export function lets(pattern: Json, event: Json): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or') return (wanted as Json[]).some((each) => lets(each, event));
    const found = event[field];
    if (!Array.isArray(wanted))
      return typeof found === 'object' && found !== null && lets(wanted as Json, found as Json);
    return [found].flat().some((value) => wanted.some((rule) => isMet(rule, value)));
  });
}

function isMet(rule: unknown, value: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return rule === value;
  const { prefix, ...others } = rule as Json;
  if (Object.keys(others).length > 0) throw new TypeError(`not known here: ${Object.keys(others).join()}`);
  return typeof value === 'string' && value.startsWith(String(prefix));
}
