// One restart under way: what the restart function reports of it, and what time does to it. Orders are in
// restart-order.ts, ends in restart-endings.ts; verdicts come in through count-verdict.ts.
import type { Report } from './events.ts';
import type { FleetControl } from './fleet.ts';
import { withHeld, withRecord } from './incident.ts';
import { failRestart, holdRestart } from './restart-endings.ts';
import { describe, isOrder, withLook } from './restart-order.ts';
import { firstPollAt, isPollDue, nextPollAt } from './restart-polls.ts';
import type { RestartStep } from './restart-spec.ts';
import { assertNever } from './result.ts';
import { type Restart, runningRestart, type State } from './state.ts';
import { type Context, type Step, strikeOff, unchanged, withIntent } from './step.ts';

/** How long SSM may take to deliver a command before its time on the host begins; the restarter asks for this. */
const DELIVERY_MS = 60_000;
/** For noticing: the last poll may be this old. */
const SLACK_MS = 15_000;

/** After this long without a sign of life a restart under way is handed over again. */
const SILENCE_MS = 90_000;

/** Takes in what the restart function says. A report of a restart that is over or replaced changes nothing. */
export function takeReport(context: Context, state: State, restartId: string, report: Report, jitter: number): Step {
  const restart = runningRestart(state);
  if (!restart || restart.id !== restartId) return unchanged(state);
  switch (report.kind) {
    case 'begun':
      return begin(context, state, restart, report, jitter);
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

/** A sign of life answers the wish to have it carried on, and says when the next one is due. One of a double changes nothing. */
function alive({ now }: Context, state: State, restart: Restart): State {
  if (!isPollDue(restart, now)) return state;
  return {
    ...strikeOff(state, isOrder),
    restart: { ...restart, touchedAt: now, nextPollAt: nextPollAt(restart, now) },
  };
}

/** Whether an invocation may send the order now: it is fresh, or whoever held the lease is gone. */
export function maySend(restart: Restart, now: number): boolean {
  return (
    restart.phase === 'preparing' ||
    (restart.phase === 'restarting' &&
      !restart.handle &&
      (restart.leaseUntil === undefined || now >= restart.leaseUntil))
  );
}

/**
 * How long an order may take from its sending: its own time, and what lies before and behind that. By then SSM has given
 * up delivering a command, or the agent has ended its script; so nothing is cancelled, which would need the right to
 * cancel every command of the account.
 */
const patienceMs = ({ kind, timeoutSeconds }: RestartStep): number =>
  timeoutSeconds * 1000 + SLACK_MS + (kind === 'ssm' ? DELIVERY_MS : 0);

/** Why an automatic order that waited in its queue is not wanted any more. One that may have been sent is carried on. */
function changeOfMind(
  { service }: Context,
  { last }: State,
  { trigger, phase, orderedAt }: Restart,
  fleet: FleetControl,
): string | undefined {
  if (trigger !== 'automatic' || phase !== 'preparing') return undefined;
  if (service.restart.mode !== 'on') return `automatic restarts were switched ${service.restart.mode}`;
  if (!fleet.restartsOn) return 'automatic restarts are off for the fleet';
  const answersAgain = last && last.beat > orderedAt && (last.verdict === 'up' || last.verdict === 'slow');
  return answersAgain ? 'it answers again' : undefined;
}

/**
 * The budget counts orders from when they may have been sent, the latest: one that waited in its queue would otherwise
 * leave the window too soon. There is never more than one restart under way, so its time is the newest.
 */
const sentBy = ({ restartTimes }: State, at: number): number[] => [...restartTimes.slice(0, -1), at];

type Begun = Extract<Report, { kind: 'begun' }>;

function begin(context: Context, state: State, restart: Restart, report: Begun, jitter: number): Step {
  if (!maySend(restart, context.now)) return unchanged(state);
  const change = changeOfMind(context, state, restart, report.fleet);
  if (change !== undefined) return holdRestart(context, state, restart, change, jitter);
  const { now } = context;
  const isFirst = restart.phase === 'preparing';
  const begun: Restart = {
    ...restart,
    phase: 'restarting',
    leaseUntil: report.leaseUntil,
    touchedAt: now,
    // What stood there before the first attempt tells whether that attempt was sent after all.
    ...(isFirst && { begunAt: now, before: report.before, deadlineAt: now + patienceMs(restart.step) }),
  };
  const free = withHeld(state, undefined);
  const next = { ...strikeOff(free, isOrder), restart: begun, restartTimes: sentBy(state, report.leaseUntil) };
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
      nextPollAt: firstPollAt(now),
      // The step's time is the order's, not that of whoever died before sending it.
      deadlineAt: now + patienceMs(restart.step),
    },
    restartTimes: sentBy(state, now),
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
