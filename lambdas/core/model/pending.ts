// How much may be pending for one service. All of it is in the service's item, and DynamoDB takes 400 kB: a full item
// cannot be written any more, so the service would no longer be counted or restarted, nor its intents struck off.
import { remembered } from '../values/remembered.ts';
import type { Intent } from './intents.ts';

/** As JSON text, in characters of up to three bytes each; registration and state beside it take far less. */
const MOST_CHARACTERS = 120_000;
/** This many always fit; a service whose intents are carried out in time never has more. */
const FEW = 6;

/** Remembered, because the size of every pending intent is needed whenever one more comes. */
const sizeOf = remembered((intent: Intent) => JSON.stringify(intent).length);

/**
 * The intents that are kept: all, unless people and timeline have been out of reach for hours. Then the oldest records
 * for the timeline are given up first (the log has them too), and alerts only when no records are left. The newest
 * intent stays, and so do orders and probes.
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
