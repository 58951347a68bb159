// Microsoft Teams: an Adaptive Card 1.4 in the envelope that a workflow "when a Teams webhook request is received" takes
// (learn.microsoft.com, webhooks-and-connectors; adaptivecards.io/explorer). Older connectors are being retired.
import type { AlertLevel } from '../../model/service.ts';
import { bytesOf } from '../bounded.ts';
import type { AlertDocument } from '../document.ts';
import { factsOf, groupLines, linksOf, seenText, triedLines } from '../facts.ts';
import { fitting } from './fit.ts';

/** Teams takes 28 kB, measured after it has written the card anew: one of 24,453 bytes was too large (msteams-docs#11274). */
const MOST_BYTES = 20_000;

const styles: Readonly<Record<AlertLevel, string>> = {
  critical: 'attention',
  error: 'attention',
  warning: 'warning',
  info: 'good',
};

export const teamsBody = (document: AlertDocument): string =>
  fitting(
    document,
    (shorter) =>
      JSON.stringify({
        type: 'message',
        attachments: [
          { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: cardOf(shorter) },
        ],
      }),
    (built) => bytesOf(built) <= MOST_BYTES,
  );

function cardOf(document: AlertDocument) {
  const { level, headline, message, next, evidence } = document;
  const seen = seenText(document);
  const links = linksOf(document);
  const paths = links.filter(([, target]) => !isAddress(target));
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'Container',
        style: styles[level],
        bleed: true,
        items: [block(`${level.toUpperCase()} ${headline}`, { size: 'Large', weight: 'Bolder' })],
      },
      block(message),
      ...lines(groupLines(document)),
      {
        type: 'FactSet',
        facts: [...factsOf(document), ...paths].map(([title, value]) => ({ title, value: plain(value) })),
      },
      ...titled('What was seen', seen === '' ? [] : [seen]),
      ...titled('What was done', triedLines(document)),
      ...titled('What happens next', [next]),
      ...(evidence === null ? [] : lines(evidence.split('\n'))),
    ],
    actions: links
      .filter(([, target]) => isAddress(target))
      .map(([title, url]) => ({ type: 'Action.OpenUrl', title, url })),
  };
}

const isAddress = (target: string) => /^https?:/.test(target);
const block = (text: string, more: object = {}) => ({
  type: 'TextBlock',
  text: plain(text) || ' ',
  wrap: true,
  ...more,
});
const titled = (title: string, texts: readonly string[]) =>
  texts.length === 0
    ? []
    : [block(title, { weight: 'Bolder' }), ...texts.map((text) => block(text, { spacing: 'None' }))];
const lines = (texts: readonly string[]) =>
  texts.map((text) => block(text, { fontType: 'Monospace', size: 'Small', spacing: 'None' }));

/** Cards read a part of Markdown: what comes from outside must not become a link, or lose its signs. */
const plain = (text: string) => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]#]/g, '\\$&');
