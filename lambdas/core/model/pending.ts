// How much may be pending for one service. All of it stands in the service's item, and DynamoDB takes 400 kB: an item that
// is full can be written by nobody, so that the service would neither be counted nor restarted any more, nor what is
// pending struck off.
import { remembered } from '../values/remembered.ts';
import type { Intent } from './intents.ts';

/** As JSON text, in characters, of which each may be three bytes; registration and state beside it take far less. */
const MOST_CHARACTERS = 120_000;
/** So few always fit; who is told in time never has more. */
const FEW = 6;

/** Each is asked about, with all others, whenever one more comes. */
const sizeOf = remembered((intent: Intent) => JSON.stringify(intent).length);

/**
 * What is kept of it: all, unless people and timeline have been out of reach for hours. Then the oldest lines of the
 * timeline are given up first (the log has them too), and alerts only when there are no lines left. The newest stays, and
 * so do orders and looks.
 */
export function bounded(pending: Intent[]): Intent[] {
  if (pending.length <= FEW) return pending;
  const sized = pending.map((intent) => ({ intent, size: sizeOf(intent) }));
  let left = sized.reduce((sum, { size }) => sum + size, 0);
  const givenUp = new Set<Intent>();
  for (const kind of ['record', 'alert'] as const)
    for (const { intent, size } of sized.slice(0, -1)) {
      if (left <= MOST_CHARACTERS) break;
      if (intent.kind !== kind) continue;
      givenUp.add(intent);
      left -= size;
    }
  return givenUp.size === 0 ? pending : pending.filter((intent) => !givenUp.has(intent));
}
