// A service that people paused is left alone: it is not restarted automatically, and people are told nothing about it
// except that something they know of is over. Only people pause a service; they or the end of the pause's time resume
// it, with a record.
import type { AlertKind } from '../../../lambdas/core/model/intents.ts';
import { MAX_SKEW_MS } from '../world/clocks.ts';
import { begins } from './dependencies.ts';
import type { Commit, Invariant } from './invariant.ts';

/** That something is over is told to people who know of it. */
const ends: readonly AlertKind[] = ['recovered', 'trend_over', 'steady'];

const isPaused = ({ paused }: Commit['before'], now: number): boolean =>
  paused !== undefined && now < (paused.until ?? Infinity);

/** Kinds of the records that this change has produced. */
const records = ({ before, after }: Commit): readonly string[] =>
  after.intents.flatMap((intent) =>
    intent.kind === 'record' && !before.intents.some(({ id }) => id === intent.id) ? [intent.record.kind] : [],
  );

export const pausesHold: Invariant = {
  name: 'a paused service is left alone',
  onCommit(commit, check) {
    const { before, after, now, ordered, isRunning, invocation } = commit;
    if (before.paused !== after.paused) {
      const kind = invocation.memory.wish?.kind;
      const isOver = !after.paused && !isPaused(before, now);
      check(
        isOver || kind === (after.paused ? 'paused' : 'resumed'),
        () => `it was ${after.paused ? 'paused' : 'resumed'} by ${kind}`,
      );
      const line = after.paused ? 'paused' : 'resumed';
      check(records(commit).includes(line), () => `no line says that it was ${line}`);
    }
    if (!isPaused(before, now) || !isPaused(after, now)) return;
    check(ordered?.trigger !== 'automatic', () => `${ordered?.id} was ordered though it is paused`);
    const isBegun = begins(commit) && isRunning?.trigger === 'automatic';
    check(!isBegun, () => `${isRunning?.id} was begun though it is paused`);
    for (const intent of after.intents) {
      if (intent.kind !== 'alert' || before.intents.some(({ id }) => id === intent.id)) continue;
      const { kind, deduplicationKey: key } = intent.alert;
      check(ends.includes(kind), () => `${key} was made though it is paused`);
    }
  },
  onSent({ watched, order, invocation, at }, check, { table }) {
    const state = table.itemOf(watched.service.key)?.stored.state;
    const isRestart = state?.restart?.acts[state.restart.actIndex]?.kind === 'restart';
    if (!isRestart || !state.paused || !watched.orderOf(order.restartId)?.isAutomatic) return;
    const { at: since, until = Infinity } = state.paused;
    const wasPaused = since < invocation.startedAt - 2 * MAX_SKEW_MS && at < until - 2 * MAX_SKEW_MS;
    check(!wasPaused, () => `${order.restartId} was sent though it was paused`);
  },
  onEnd(watched, check, { table }) {
    const state = table.itemOf(watched.service.key)?.stored.state;
    check(state?.paused === undefined, () => 'it was resumed, and is still paused');
  },
};
