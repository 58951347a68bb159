// What the API shows of a restart: the present one, or the last one.
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { codeOf, currentAct } from '../restart/restart-plan.ts';
import { isoTime } from '../values/iso-time.ts';
import { cascadeView } from './relations-view.ts';

/** `GET /services/{id}/restart`. */
export function restartView(state: State) {
  const { restart } = state;
  if (!restart) return { phase: 'idle' as const, underWay: false };
  return {
    ...restartDetails(restart),
    underWay: runningRestart(state) !== undefined,
    cascade: cascadeView(state),
  };
}

function restartDetails(restart: Restart) {
  const failed = restart.phase === 'failed' ? (restart.failedAct ?? currentAct(restart).kind) : undefined;
  return {
    phase: restart.phase,
    restartId: restart.id,
    mode: restart.mode,
    trigger: restart.trigger,
    user: restart.by,
    reason: restart.reason,
    force: restart.force,
    step: restart.stepIndex + 1,
    kind: restart.step.kind,
    acts: actsOf(restart),
    activeRequests: restart.activeRequests ?? null,
    handle: restart.restartHandle ?? restart.handle ?? null,
    waitsFor: restart.waitsFor ?? null,
    orderedAt: isoTime(restart.orderedAt),
    begunAt: isoTime(restart.firstBegunAt ?? restart.begunAt),
    // One that was ordered before there were acts has these times of its only one.
    sentAt: isoTime(restart.acts.length === 0 ? restart.sentAt : restart.restartSentAt),
    changedAt: isoTime(restart.changedAt),
    endedAt: isoTime(restart.endedAt),
    /** Why it is taken back, or undone. */
    failure: restart.failure ?? null,
    /** Who has taken it back, and why; while what was done before is being undone it is not over yet. */
    cancelledBy: restart.cancelledBy ?? null,
    cancelReason: restart.cancelReason ?? null,
    code: (failed && codeOf(failed)) ?? null,
    outcome: restart.outcome ?? null,
    output: restart.output ?? null,
  };
}

/**
 * All that it does, in order, and how far it is: `done`, `current` (under way, or next), `pending`, and once it is over
 * `failed` or `left_out`. While it is taken back these are the acts of that.
 */
const actsOf = ({ acts, actIndex, phase, endedAt }: Restart) =>
  acts.map(({ kind }, index) => ({ kind, state: stateOf(index - actIndex, phase, endedAt !== undefined) }));

function stateOf(ahead: number, phase: Restart['phase'], isOver: boolean) {
  if (ahead < 0) return 'done' as const;
  if (!isOver) return ahead === 0 ? ('current' as const) : ('pending' as const);
  return ahead === 0 && phase === 'failed' ? ('failed' as const) : ('left_out' as const);
}
