// Slack: blocks of Block Kit, with a text for notifications. Limits: docs.slack.dev/reference/block-kit/blocks (header 150
// characters, text of a section 3,000, field 2,000, 10 fields); escaping: docs.slack.dev/messaging/formatting-message-text.
import { cutTo, oneLine } from '../bounded.ts';
import type { AlertDocument } from '../document.ts';
import { factsOf, groupLines, linksOf, seenText, triedLines } from '../facts.ts';
import { subjectOf } from '../short-texts.ts';
import { fitting } from './fit.ts';

const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const FIELDS = 10;
/** Undocumented: Slack answers `msg_blocks_too_long` from some 13,200 characters of blocks on (slackapi/bolt-js#2509). */
const BLOCKS = 12_000;

export const slackBody = (document: AlertDocument): string =>
  fitting(
    document,
    (shorter) => JSON.stringify({ text: escaped(subjectOf(shorter), SECTION), blocks: blocksOf(shorter) }),
    (built) => built.length <= BLOCKS,
  );

function blocksOf(document: AlertDocument) {
  const { headline, level, message, next, evidence } = document;
  const seen = seenText(document);
  const table = groupLines(document);
  const tried = triedLines(document);
  const fields = factsOf(document).slice(0, FIELDS);
  return [
    {
      type: 'header',
      text: { type: 'plain_text', text: cutTo(oneLine(`${level.toUpperCase()} ${headline}`), HEADER) },
    },
    section(escaped(message, SECTION)),
    ...(table.length > 0 ? codes(table) : []),
    { type: 'section', fields: fields.map(([name, value]) => mrkdwn(`*${name}*\n${escaped(value, FIELD - 100)}`)) },
    ...titled('What was seen', seen === '' ? [] : [seen]),
    ...titled('What was done', tried),
    ...titled('What happens next', [next]),
    ...(evidence === null ? [] : codes(evidence.split('\n'))),
    { type: 'context', elements: linksOf(document).map(([name, target]) => mrkdwn(linked(name, target))) },
  ];
}

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text: string) => ({ type: 'section', text: mrkdwn(text === '' ? ' ' : text) });
const titled = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [section(`*${title}*\n${escaped(lines.join('\n'), SECTION - 100)}`)];

/** Lines as they are, in as many sections as they need. */
function codes(lines: readonly string[]) {
  const room = SECTION - 10;
  const chunks = [''];
  for (const line of lines.map((one) => escaped(one.replaceAll('```', "'''"), room))) {
    const last = chunks.length - 1;
    const joined = chunks[last] === '' ? line : `${chunks[last]}\n${line}`;
    if (joined.length <= room) chunks[last] = joined;
    else chunks.push(line);
  }
  return chunks.filter((chunk) => chunk !== '').map((chunk) => section(`\`\`\`\n${chunk}\n\`\`\``));
}

const linked = (name: string, target: string) =>
  /^https?:/.test(target)
    ? `<${escaped(target.replaceAll('|', '%7C'), FIELD)}|${name}>`
    : `${name}: ${escaped(target, FIELD)}`;

const entities = new Map([['&', '&amp;'], ['<', '&lt;'], ['>', '&gt;']]); // prettier-ignore

/** So that nothing in it is a link, a mention or `<!channel>`; cut without cutting an entity. */
function escaped(text: string, most: number): string {
  const short = cutTo(text, most);
  const signs = [...short].map((sign) => entities.get(sign) ?? sign);
  let length = 0;
  const fits = signs.filter((sign) => (length += sign.length) <= most);
  return fits.join('');
}
