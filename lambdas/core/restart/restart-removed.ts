// The last lines in the timeline of a service that is removed: those still pending, and that a restart under way is no
// longer followed. What was sent runs on at its target.
import { stopCascade } from '../dependencies/cascade.ts';
import { withRecord } from '../health/incident.ts';
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, unchanged, withState } from '../model/step.ts';
import type { TimelineRecord } from '../model/timeline.ts';
import { historyOf } from './restart-endings.ts';
import { describe } from './restart-order.ts';

/**
 * The last lines of its timeline, oldest first. `state` is what its item held when `by` removed it, at `context.now`.
 */
export function lastLines(context: Context, state: State, by: string): readonly TimelineRecord[] {
  const { tenant, id, project } = context.service;
  const restart = runningRestart(state);
  const left = restart ? leaveRestart(context, state, restart, by) : unchanged(state);
  const { cascade } = left.state;
  const step = cascade ? stopCascade(context, left.state, cascade, `it was removed by ${by}`) : left;
  return step.state.intents.flatMap((intent) =>
    intent.kind === 'record' ? [{ ...intent.record, at: intent.at, intentId: intent.id, tenant, id, project }] : [],
  );
}

function leaveRestart(context: Context, state: State, restart: Restart, by: string): Step {
  const how = restart.handle === undefined && restart.restartHandle === undefined ? 'carried on' : 'followed any more';
  const stands = isOut(restart) ? ' What its before hook has done still stands.' : '';
  const over: Restart = { ...restart, phase: 'cancelled' };
  return withRecord(context, withState(unchanged(state), { restart: over }), {
    kind: 'restart_cancelled',
    level: stands ? 'error' : 'warning',
    message: `${describe(restart)} is not ${how}: the service was removed by ${by}.${stands}`,
    restartId: restart.id,
    action: 'none',
    details: historyOf(restart, context.now),
  });
}

/** Whether the `before` hook was begun, and the `after` hook, which would undo it, was not even sent. */
function isOut({ acts, actIndex, begunAt, handle, phase }: Restart): boolean {
  const begun = acts.slice(0, begunAt === undefined ? actIndex : actIndex + 1);
  const isUndone = phase === 'verifying' || (acts[actIndex]?.kind === 'after' && handle !== undefined);
  return !isUndone && begun.some(({ kind }) => kind === 'before') && acts.some(({ kind }) => kind === 'after');
}
