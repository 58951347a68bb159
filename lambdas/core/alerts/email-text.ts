// The body of an e-mail, as plain text: what, since when, how it was seen, what was done, what comes next, where to
// look.
import type { AlertDocument } from './document.ts';
import { type Fact, factsOf, groupLines, linksOf, seenText, triedLines } from './facts.ts';

export function emailOf(document: AlertDocument): string {
  const { headline, message, evidence, next, restarts, service } = document;
  const seen = seenText(document);
  const table = groupLines(document);
  const tried = triedLines(document);
  const parts = [
    [headline],
    [message],
    table,
    aligned(factsOf(document)),
    chapter('What was seen', seen === '' ? [] : [seen]),
    chapter(
      'What was done',
      tried.length > 0 ? tried : service && restarts === 0 ? ['Nothing was restarted so far.'] : [],
    ),
    chapter('What happens next', [next]),
    chapter('Evidence, read before the restart', evidence === null ? [] : evidence.split('\n')),
    chapter('Where to look', aligned(linksOf(document))),
  ];
  const text = parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  return `${printable(text)}\n`;
}

const chapter = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];

const aligned = (facts: readonly Fact[]) => facts.map(([name, value]) => `${`${name}:`.padEnd(10)} ${value}`);

/** SNS delivers a mail with other control characters damaged, or not at all. */
const printable = (text: string) => text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, ' ');
