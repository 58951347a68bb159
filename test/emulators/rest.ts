// Lets the deployed functions come to rest. MiniStack makes the log group of a deleted stack again when a function that
// was still at work ends after it; in AWS it would not, because no role of ours may create one.
import { queueLengths, ROUND_WITHIN_MS, roundsSince } from './deployed-api.ts';
import { disableSchedules, logEvents } from './ministack-api.ts';
import { timed, until } from './where.ts';
import type { World } from './world.ts';

/** A function that was cut off by a deployment leaves its message invisible; the probe queue's for the longest, 300 s. */
const COMES_AGAIN_MS = 360_000;

/**
 * Nothing is at work any more once this resolves: the schedule is switched off right behind a round, when the next is a
 * minute away, and a message lies in its queue until its function has ended and written its log.
 */
export async function comeToRest(world: World): Promise<void> {
  const since = Date.now();
  await timed('the last round', () =>
    until('a round', ROUND_WITHIN_MS, async () => (await roundsSince(since)).length > 0),
  );
  await disableSchedules();
  await timed('all queues are empty', async () => {
    // Twice in a row: between two looks at single queues a function may hand work on from one that was to one that will
    // be looked at.
    let emptyLooks = 0;
    let lengths: Record<string, number> = {};
    const isEmpty = async () => {
      lengths = await queueLengths(world.clients.sqs, world.queues());
      emptyLooks = Object.values(lengths).every((length) => length === 0) ? emptyLooks + 1 : 0;
      return emptyLooks === 2;
    };
    await until('empty queues', COMES_AGAIN_MS, isEmpty, async () => {
      const full = Object.entries(lengths).filter(([, length]) => length > 0);
      const logged = (await logEvents('Functions', since)).sort((one, other) => one.timestamp - other.timestamp);
      return { full, lastLogged: logged.slice(-60).map(({ message }) => message) };
    });
  });
}
