// The beginning of a restart's act: whether an invocation may send it, whether the restart is still wanted, and the
// lease under which it is sent. Nobody else may send while that runs.
import { withHeld, withRecord } from '../health/incident.ts';
import type { Report } from '../model/events.ts';
import type { RestartStep } from '../model/restart-spec.ts';
import type { Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withState } from '../model/step.ts';
import { enterAct } from './restart-enter.ts';
import { describe, isOrder, ORDER_TIMEOUT_MS } from './restart-order.ts';
import { currentAct, currentStep, phaseIn } from './restart-plan.ts';
import { isPollDue } from './restart-polls.ts';
import { changeOfMind, isFresh, stopRestart } from './restart-wanted.ts';

/** How long SSM may take to deliver a command before its time on the host begins; the restarter asks for this. */
const DELIVERY_MS = 60_000;
/** How old the last poll may be when an order ends: it takes that long to notice. */
const SLACK_MS = 15_000;

const ACTING: readonly Restart['phase'][] = ['preparing', 'restarting', 'recovering'];
/** Whether an act is to be sent, or was. */
export const isActing = ({ phase }: Restart): boolean => ACTING.includes(phase);
/** Whether the present act was begun. */
export const isCarriedOut = (restart: Restart): boolean => isActing(restart) && restart.begunAt !== undefined;
/**
 * Whether an invocation may send the present act now: it is fresh, or whoever held the lease is gone. An act that was
 * begun is tried again for as long as an order may wait, or one try may take, and no longer: each try has its own time,
 * and it must end somewhere.
 */
export function maySend(restart: Restart, now: number): boolean {
  if (!isActing(restart) || restart.handle !== undefined) return false;
  const triesMs = Math.max(ORDER_TIMEOUT_MS, patienceMs(currentStep(restart)));
  if (restart.begunAt !== undefined && now >= restart.begunAt + triesMs) return false;
  return restart.leaseUntil === undefined || now >= restart.leaseUntil;
}

/**
 * How long an order may take from its sending: its own time, and what lies before and behind that. By then SSM has
 * given up delivering a command, or the agent has ended its script; so nothing is cancelled, which would need the right
 * to cancel every command of the account.
 */
export const patienceMs = ({ kind, timeoutSeconds }: RestartStep): number =>
  timeoutSeconds * 1000 + SLACK_MS + (kind === 'ssm' ? DELIVERY_MS : 0);

/**
 * The budget counts an order from the latest time at which it may have been sent: one that waited in its queue would
 * otherwise leave the window too soon. There is never more than one restart under way, so its time is the newest.
 */
export const sentBy = ({ restartTimes }: State, at: number): number[] => [...restartTimes.slice(0, -1), at];

/** A try that fails before it has sent is repeated after 90 s: even a short step's time must not be over by then. */
const SENDING_MS = 150_000;

type Begun = Extract<Report, { kind: 'begun' }>;

/** Takes the lease, and notes the instance that runs before anything is sent. */
export function begin(context: Context, state: State, ordered: Restart, report: Begun, jitter: number): Step {
  if (!maySend(ordered, context.now)) return unchanged(state);
  const change = changeOfMind(context, state, ordered, report.fleet);
  if (change !== undefined) return stopRestart(context, state, ordered, change, jitter);
  const { now } = context;
  const firstBegunAt = ordered.firstBegunAt ?? now;
  const restart: Restart = { ...ordered, firstBegunAt, waitsFor: undefined, nextPollAt: undefined };
  const act = currentAct(restart);
  const free = strikeOff(withHeld(state, undefined), isOrder);
  // What it waits for comes before anything is sent.
  if (act.kind === 'drain') return enterAct(context, begins(context, free, restart), restart, act);
  const isFirst = restart.begunAt === undefined;
  const begun: Restart = {
    ...restart,
    phase: phaseIn(restart, act.kind),
    leaseUntil: report.leaseUntil,
    touchedAt: now,
    // Each attempt has its whole time: it must not be called failed while somebody may still send it, or what was sent
    // may be under way.
    deadlineAt: now + Math.max(patienceMs(currentStep(restart)), SENDING_MS),
    // What stood there before the first attempt tells whether that attempt was sent after all.
    ...(isFirst && { begunAt: now, before: report.before }),
  };
  const step = isFresh(restart) ? begins(context, free, restart) : unchanged(free);
  return withState(step, {
    restart: begun,
    ...(act.kind === 'restart' && { restartTimes: sentBy(state, report.leaseUntil) }),
  });
}

/** How soon an order that waits for others to end is tried again. */
const WAIT_MS = 15_000;

type Waiting = Extract<Report, { kind: 'waiting' }>;

/**
 * It waits for other restarts to end. An order that is tried again and again has not been forgotten, so its time limit
 * starts over. The waiting message is the order now; if it is lost, the order is handed over again after some silence.
 */
export function waitInQueue(context: Context, state: State, restart: Restart, report: Waiting, jitter: number): Step {
  const { now } = context;
  const change = changeOfMind(context, state, restart, report.fleet);
  if (change !== undefined) return stopRestart(context, state, restart, change, jitter);
  if (!isPollDue(restart, now)) return unchanged(state); // a double
  const waiting: Restart = {
    ...restart,
    waitsFor: report.reason,
    touchedAt: now,
    nextPollAt: now + WAIT_MS,
    deadlineAt: now + ORDER_TIMEOUT_MS,
  };
  return withState(unchanged(strikeOff(withHeld(state, report.reason), isOrder)), { restart: waiting });
}

const begins = (context: Context, state: State, restart: Restart): Step =>
  withRecord(context, unchanged(state), {
    kind: 'restart_begun',
    level: 'warning',
    message: `${describe(restart)} begins`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
  });
