// The Markdown that DingTalk and WeCom share. Neither knows how to escape, so what would mean something is written with
// signs that look the same.
import { oneLine } from '../bounded.ts';
import type { AlertDocument } from '../document.ts';
import { factsOf, groupLines, linksOf, seenText, triedLines } from '../facts.ts';

/** Text from outside that is no link, no mention, no tag and no heading. */
export const plainText = (text: string): string =>
  oneLine(text)
    .replace(/^[#>]+ ?/, '')
    .replaceAll('<', '＜')
    .replaceAll('](', '] (')
    .replaceAll('*', '＊')
    .replaceAll('`', "'");

/** Everything below the heading. Paragraphs stand apart, for DingTalk joins lines that do not. */
export function markdownLines(document: AlertDocument): readonly string[] {
  const { message, next } = document;
  const seen = seenText(document);
  return [
    plainText(message),
    ...groupLines(document).map((line) => `> ${plainText(line)}`),
    ...factsOf(document).map(([name, value]) => `**${name}**: ${plainText(value)}`),
    ...(seen === '' ? [] : [`**Seen**: ${plainText(seen)}`]),
    ...triedLines(document).map((line) => `**Done**: ${plainText(line)}`),
    `**Next**: ${plainText(next)}`,
    linksOf(document)
      .map(([name, target]) =>
        /^https?:/.test(target) ? `[${name}](${addressOf(target)})` : `${name}: ${plainText(target)}`,
      )
      .join(' | '),
  ];
}

/** What would end the link is written as a URL writes it. */
const addressOf = (target: string) => target.replaceAll('(', '%28').replaceAll(')', '%29').replace(/\s/g, '%20');
