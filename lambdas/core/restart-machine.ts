// One restart from its order to its end. What the restart function reports comes in here; verdicts come in through
// count-verdict.ts.
import { backoffMs, restartsInWindow } from './backoff.ts';
import type { Report } from './events.ts';
import { shortHash } from './hash.ts';
import { openIncident, withAlert, withHeld, withRecord } from './incident.ts';
import type { Intent } from './intents.ts';
import type { Rung } from './restart-guards.ts';
import { assertNever } from './result.ts';
import { type Restart, runningRestart, type State } from './state.ts';
import { type Context, type Step, strikeOff, unchanged, withIntent, withState } from './step.ts';

/** An order that nobody has begun to carry out after this long has failed. */
export const ORDER_TIMEOUT_MS = 15 * 60_000;
/** After this long without a sign of life a restart under way is handed over again. */
const SILENCE_MS = 90_000;
const PROGRESS_EVERY_MS = 30_000;
/** How soon a restart that must not be (a deployment is running, scaled to zero) is considered again. */
const HELD_AGAIN_MS = 60_000;
/** More restart times than any budget can ask about. */
const TIMES_KEPT = 100;

type Order = Rung & Pick<Restart, 'trigger' | 'by' | 'reason' | 'force'>;

/** Orders a restart. Whoever calls has asked the guards. */
export function orderRestart(context: Context, step: Step, order: Order): Step {
  const { service, now } = context;
  const { state } = step;
  const restart: Restart = {
    ...order,
    id: `rst-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${state.sequence}`,
    phase: 'preparing',
    orderedAt: now,
    touchedAt: now,
    deadlineAt: now + ORDER_TIMEOUT_MS,
  };
  const ordered = withState(step, {
    restart,
    sequence: state.sequence + 1,
    restartTimes: [...state.restartTimes, now].slice(-TIMES_KEPT),
    incident: state.incident && { ...state.incident, restarts: state.incident.restarts + 1 },
  });
  const handed = withIntent(context, ordered, { kind: 'restart', restartId: restart.id });
  // An order that was held before is tried again and again; saying so each time would bury the rest.
  if (wasRefused(state) && order.trigger === 'automatic') return handed;
  return withRecord(context, handed, {
    kind: 'restart_ordered',
    level: 'warning',
    message: `${describe(restart)} ordered: ${order.reason}`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    details: { by: order.by, trigger: order.trigger, step: order.stepIndex + 1 },
  });
}

/** Whether the reason for not restarting is still that of the last order, which was held. */
export const wasRefused = ({ restart, incident }: State): boolean =>
  incident?.held !== undefined && restart?.outcome === `held: ${incident.held}`;

/** Takes in what the restart function says. A report of a restart that is over or replaced changes nothing. */
export function takeReport(context: Context, state: State, restartId: string, report: Report, jitter: number): Step {
  const restart = runningRestart(state);
  if (!restart || restart.id !== restartId) return unchanged(state);
  switch (report.kind) {
    case 'begun':
      return begin(context, state, restart, report);
    case 'sent':
      return restart.phase === 'restarting' && !restart.handle
        ? sent(context, strikeOff(state, isOrder), restart, report)
        : unchanged(state);
    case 'progress':
      return unchanged(alive(context, state, restart));
    case 'changed':
      return restart.phase === 'restarting'
        ? instanceChanged(context, strikeOff(state, isOrder), restart, report)
        : unchanged(state);
    case 'failed':
      return restart.phase === 'verifying'
        ? unchanged(state)
        : failRestart(context, state, restart, { ...report, jitter });
    case 'refused':
      return restart.phase === 'preparing'
        ? holdRestart(context, state, restart, report.reason, jitter)
        : unchanged(state);
    default:
      return assertNever(report);
  }
}

/** A sign of life answers the wish to have it carried on; more often than every half minute it is not worth a write. */
function alive({ now }: Context, state: State, restart: Restart): State {
  const answered = strikeOff(state, isOrder);
  if (answered === state && now - restart.touchedAt < PROGRESS_EVERY_MS) return state;
  return { ...answered, restart: { ...restart, touchedAt: now } };
}

const isOrder = (intent: Intent): boolean => intent.kind === 'restart';

/** Whether an invocation may send the order now: it is fresh, or whoever held the lease is gone. */
export function maySend(restart: Restart, now: number): boolean {
  return (
    restart.phase === 'preparing' ||
    (restart.phase === 'restarting' &&
      !restart.handle &&
      (restart.leaseUntil === undefined || now >= restart.leaseUntil))
  );
}

function begin(context: Context, state: State, restart: Restart, report: Extract<Report, { kind: 'begun' }>): Step {
  if (!maySend(restart, context.now)) return unchanged(state);
  const { now } = context;
  const isFirst = restart.phase === 'preparing';
  const begun: Restart = {
    ...restart,
    phase: 'restarting',
    leaseUntil: report.leaseUntil,
    touchedAt: now,
    // What stood there before the first attempt tells whether that attempt was sent after all.
    ...(isFirst && { begunAt: now, before: report.before, deadlineAt: now + restart.step.timeoutSeconds * 1000 }),
  };
  const free = withHeld(state, undefined);
  const next = { ...strikeOff(free, isOrder), restart: begun };
  if (!isFirst) return unchanged(next);
  return withRecord(context, unchanged(next), {
    kind: 'restart_begun',
    level: 'warning',
    message: `${describe(restart)} begins`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
  });
}

function sent(context: Context, state: State, restart: Restart, report: Extract<Report, { kind: 'sent' }>): Step {
  const { now } = context;
  const next: State = {
    ...state,
    restart: {
      ...restart,
      handle: report.handle,
      sentAt: now,
      touchedAt: now,
      leaseUntil: undefined,
      // The step's time is the order's, not that of whoever died before sending it.
      deadlineAt: now + restart.step.timeoutSeconds * 1000,
    },
    totalRestarts: state.totalRestarts + 1,
    lastRestartAt: now,
  };
  return withRecord(context, unchanged(next), {
    kind: report.adopted ? 'restart_adopted' : 'restart_sent',
    level: 'warning',
    message: report.adopted ? `had been sent already: ${report.handle}` : `sent: ${report.handle}`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    details: { handle: report.handle },
  });
}

/** Something else stands there now: after the warm-up, verdicts decide again. */
function instanceChanged(
  context: Context,
  state: State,
  restart: Restart,
  report: Extract<Report, { kind: 'changed' }>,
): Step {
  const { service, now } = context;
  const holdUntil = now + service.restart.warmUpSeconds * 1000;
  const next: State = {
    ...state,
    restart: {
      ...restart,
      phase: 'verifying',
      identity: report.identity,
      changedAt: now,
      touchedAt: now,
      holdUntil,
      deadlineAt: holdUntil + service.restart.verifyTimeoutSeconds * 1000,
    },
    ups: 0,
    answers: 0,
  };
  const recorded = withRecord(context, unchanged(next), {
    kind: 'instance_changed',
    level: 'info',
    message: report.detail,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    details: { identity: report.identity },
  });
  return withLook(context, recorded, holdUntil);
}

/** Asks for a look at `dueAt`; there is never more than one such wish. */
export function withLook(context: Context, step: Step, dueAt: number): Step {
  return withIntent(
    context,
    { ...step, state: strikeOff(step.state, (intent) => intent.kind === 'probe') },
    { kind: 'probe', dueAt },
  );
}

/** Ends a restart that did not bring the service back. Its backoff begins; the next down after it orders the next step. */
function failRestart(
  context: Context,
  state: State,
  restart: Restart,
  { reason, output, jitter }: { reason: string; output?: string | undefined; jitter: number },
): Step {
  const message = `${describe(restart)} failed: ${reason}`;
  const ended = endRestart(context, unchanged(state), { ...restart, phase: 'failed', outcome: reason, output }, jitter);
  const wasFine = !ended.state.incident;
  const opened = wasFine ? openIncident(context, ended, 'restart_failed', message) : ended;
  const unhealthy = withState(opened, wasFine ? { health: 'unhealthy', healthSince: context.now } : {});
  const recorded = withRecord(context, unhealthy, {
    kind: 'restart_failed',
    level: 'error',
    message,
    restartId: restart.id,
    failureType: 'restart_failed',
    action: 'restart',
    actionResult: 'failed',
    details: historyOf(restart, context.now),
  });
  return withAlert(context, recorded, {
    kind: 'restart_failed',
    level: 'error',
    failureType: 'restart_failed',
    message,
  });
}

/** Ends a restart after which the service was seen to work. */
export function completeRestart(context: Context, step: Step, restart: Restart, jitter: number): Step {
  const ended = endRestart(context, step, { ...restart, phase: 'completed', outcome: 'verified' }, jitter);
  return withRecord(context, ended, {
    kind: 'restart_completed',
    level: 'info',
    message: `${describe(restart)} verified`,
    restartId: restart.id,
    failureType: 'auto_restart',
    action: 'restart',
    actionResult: 'success',
    details: historyOf(restart, context.now),
  });
}

/** A person takes the order back before anything was sent: it counts for no budget, and nothing is restarted by itself until a person acts or the service recovers. */
export function cancelRestart(context: Context, state: State, restart: Restart, by: string): Step {
  const back = takeBack(state);
  const ended = endRestart(
    context,
    unchanged(back),
    { ...restart, phase: 'cancelled', outcome: `cancelled by ${by}` },
    0,
  );
  const handsOff = ended.state.incident && { ...ended.state.incident, handsOff: 'cancelled' as const };
  return withRecord(context, withState(ended, { incident: handsOff, backoffUntil: state.backoffUntil }), {
    kind: 'restart_cancelled',
    level: 'warning',
    message: `${describe(restart)} cancelled by ${by}`,
    restartId: restart.id,
    action: 'none',
    details: historyOf(restart, context.now),
  });
}

/** Nothing was sent because it must not be: the order is taken back, and asked again after the backoff. */
function holdRestart(context: Context, state: State, restart: Restart, reason: string, jitter: number): Step {
  const wasKnown = restart.trigger === 'automatic' && state.incident?.held === reason;
  const held = withHeld(takeBack(state), reason);
  const over = endRestart(context, unchanged(held), { ...restart, phase: 'cancelled', outcome: `held: ${reason}` }, 0);
  const ended = withState(over, { backoffUntil: context.now + HELD_AGAIN_MS * (1 + jitter / 10) });
  if (wasKnown) return ended;
  const recorded = withRecord(context, ended, {
    kind: 'restart_held',
    level: 'error',
    message: `${describe(restart)} held: ${reason}`,
    restartId: restart.id,
    action: 'none',
    details: { by: restart.by },
  });
  return withAlert(context, recorded, {
    kind: 'restart_held',
    level: 'error',
    failureType: recorded.state.incident?.failureType,
    message: `It is down and is not restarted: ${reason}`,
  });
}

/** Its order was the newest: there is never more than one restart under way. */
const takeBack = (state: State): State => ({
  ...state,
  restartTimes: state.restartTimes.slice(0, -1),
  incident: state.incident && { ...state.incident, restarts: Math.max(0, state.incident.restarts - 1) },
});

function endRestart({ service, now }: Context, step: Step, restart: Restart, jitter: number): Step {
  const left = strikeOff(step.state, (intent) => isOrder(intent) || intent.kind === 'probe');
  const tries = Math.max(1, restartsInWindow(service.restart, left.restartTimes, now));
  return withState(
    { ...step, state: left },
    {
      restart: { ...restart, endedAt: now, leaseUntil: undefined },
      backoffUntil: now + backoffMs(service.restart, tries, jitter),
      ...noRun(left),
    },
  );
}

/** No run of verdicts goes on over the end of a restart; for how long a service has been down is kept for people. */
const noRun = ({ health, downs }: State): Partial<State> => ({
  ups: 0,
  answers: 0,
  slows: 0,
  downs: health === 'unhealthy' ? downs : 0,
  downBeats: [],
});

/** What time alone does to a restart: deadlines, and handing it over again when nobody has touched it for long. */
export function restartTicked(context: Context, state: State, jitter: number): Step {
  const restart = runningRestart(state);
  if (!restart) return unchanged(state);
  const { now } = context;
  if (now >= restart.deadlineAt) return failRestart(context, state, restart, { reason: lateness(restart), jitter });
  if (restart.phase !== 'restarting' || now - restart.touchedAt < SILENCE_MS || state.intents.some(isOrder))
    return unchanged(state);
  return withIntent(context, unchanged({ ...state, restart: { ...restart, touchedAt: now } }), {
    kind: 'restart',
    restartId: restart.id,
  });
}

function lateness(restart: Restart): string {
  if (restart.phase === 'preparing') return 'nobody carried the order out';
  if (restart.phase === 'verifying') return 'the service did not become healthy in time';
  return `it took longer than ${restart.step.timeoutSeconds} s`;
}

function historyOf(restart: Restart, now: number): Record<string, string | number | boolean> {
  return {
    by: restart.by,
    reason: restart.reason,
    trigger: restart.trigger,
    force: restart.force,
    step: restart.stepIndex + 1,
    kind: restart.step.kind,
    orderedAt: restart.orderedAt,
    durationMs: now - restart.orderedAt,
    ...(restart.handle && { handle: restart.handle }),
  };
}

/** The restart in words: `restart by ECS redeploy of prod/billing`. */
function describe({ step }: Restart): string {
  return step.kind === 'ecs'
    ? `restart by ECS redeploy of ${step.cluster}/${step.service}`
    : `restart by ${step.document} on ${step.instanceIds.join(', ')}`;
}
