// Makes a message fit: what is long is told shorter, half by half, until the receiver takes it.
import { cutTo } from '../bounded.ts';
import { type AlertDocument } from '../document.ts';
import { longest } from '../notice.ts';

const SHARES = [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32] as const;

/** The first of the versions, each shorter than the one before, that is small enough; or else the shortest. */
export function fitting(
  document: AlertDocument,
  build: (shorter: AlertDocument) => string,
  isSmallEnough: (built: string) => boolean,
): string {
  let built = build(document);
  for (const share of SHARES) {
    if (isSmallEnough(built)) return built;
    built = build(shortened(document, share));
  }
  return built;
}

/** The document with its long texts cut to this share of what they may have, and as large a share of its lists. */
function shortened(document: AlertDocument, share: number): AlertDocument {
  const { group, tried } = document;
  const text = (value: string | null, most: number) => (value === null ? null : cutTo(value, Math.floor(most * share)));
  const shown = group?.alerts.slice(0, Math.ceil(group.alerts.length * share)) ?? [];
  return {
    ...document,
    message: cutTo(document.message, Math.floor(longest.message * share)),
    seen: text(document.seen, longest.seen),
    held: text(document.held, longest.seen),
    evidence: share < 1 / 4 ? null : text(document.evidence, longest.evidence),
    tried: tried.slice(-Math.ceil(tried.length * share)),
    group: group && { ...group, alerts: shown, more: group.count - shown.length },
  };
}
