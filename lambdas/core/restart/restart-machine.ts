// One restart under way: which reports of the restart function count, and what time does to it. What a report changes
// is in restart-progress.ts; orders are in restart-order.ts, ends in restart-endings.ts; verdicts come in through
// count-verdict.ts, and counts of requests through restart-drain.ts.
import type { Report, Reported } from '../model/events.ts';
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withIntent } from '../model/step.ts';
import { assertNever } from '../result.ts';
import { actFailed } from './restart-acts.ts';
import { begin, isActing, isCarriedOut, maySend, waitInQueue } from './restart-begin.ts';
import { waitedEnough } from './restart-drain.ts';
import { takeBack } from './restart-endings.ts';
import { isOrder } from './restart-order.ts';
import { currentStep, orderId } from './restart-plan.ts';
import { endsAt } from './restart-polls.ts';
import { alive, done, evident, sent } from './restart-progress.ts';
import { verificationOver } from './restart-verify.ts';
import { isBeforeStep, isFresh, stillWanted, stopRestart } from './restart-wanted.ts';

/** After this long without a sign of life a restart under way is handed over again. */
const SILENCE_MS = 90_000;

/** Takes in what the restart function says. A report of a restart that is over or replaced changes nothing. */
export function takeReport(context: Context, state: State, { restartId, act, report, jitter }: Reported): Step {
  const restart = runningRestart(state);
  if (!restart || restart.id !== restartId || (act ?? orderId(restart)) !== orderId(restart)) return unchanged(state);
  switch (report.kind) {
    case 'begun':
      if (isTooLate(context, restart)) return overdue(context, state, restart, jitter);
      return begin(context, state, restart, report, jitter);
    case 'waiting':
      if (!isFresh(restart)) return unchanged(state);
      if (isTooLate(context, restart)) return overdue(context, state, restart, jitter);
      return waitInQueue(context, state, restart, report, jitter);
    case 'unsent':
      return isCarriedOut(restart) && !restart.handle
        ? stillWanted(context, state, restart, report, jitter)
        : unchanged(state);
    case 'evidence':
      return isCarriedOut(restart) ? evident(context, state, restart, report.text) : unchanged(state);
    case 'sent':
      return isCarriedOut(restart) && !restart.handle
        ? sent(context, strikeOff(state, isOrder), restart, report)
        : unchanged(state);
    case 'progress':
      return alive(context, state, restart, report.evidence);
    case 'changed':
      return isCarriedOut(restart)
        ? done(context, strikeOff(state, isOrder), restart, report, jitter)
        : unchanged(state);
    case 'failed':
      return isActing(restart) ? actFailed(context, state, restart, { ...report, jitter }) : unchanged(state);
    case 'refused':
      return refused(context, state, restart, report, jitter);
    default:
      return assertNever(report);
  }
}

type Refused = Extract<Report, { kind: 'refused' }>;

/**
 * It is held where its step was not sent. An act that was begun was not sent either if AWS itself has refused it; one that
 * cannot be held, because the step was sent before it, has failed.
 */
function refused(context: Context, state: State, restart: Restart, report: Refused, jitter: number): Step {
  const { reason, isBegun } = report;
  if (isBegun && (!isCarriedOut(restart) || restart.handle !== undefined)) return unchanged(state);
  const unsent: Restart = isBegun ? { ...restart, begunAt: undefined } : restart;
  if (isBeforeStep(unsent)) return stopRestart(context, state, unsent, reason, jitter);
  return isBegun ? actFailed(context, state, restart, { reason, jitter }) : unchanged(state);
}

/** What time alone does to a restart: deadlines, and handing it over again when nobody has touched it for long. */
export function restartTicked(context: Context, state: State, jitter: number): Step {
  const restart = runningRestart(state);
  if (!restart) return unchanged(state);
  const { now } = context;
  if (now >= restart.deadlineAt) {
    if (restart.phase === 'waiting_requests') return waitedEnough(context, state, restart, jitter);
    if (restart.phase === 'verifying') return verificationOver(context, state, restart, jitter);
    if (now >= endsAt(restart, now)) return overdue(context, state, restart, jitter);
  }
  if (!isActing(restart) || now - restart.touchedAt < SILENCE_MS || state.intents.some(isOrder))
    return unchanged(state);
  return withIntent(context, unchanged({ ...state, restart: { ...restart, touchedAt: now } }), {
    kind: 'restart',
    restartId: restart.id,
  });
}

/**
 * Whether an order is carried out after its time is over, before any round has noticed: what was known when it was
 * given is out of date, and a service that still needs a restart gets a new order.
 */
const isTooLate = ({ now }: Context, restart: Restart): boolean => maySend(restart, now) && now >= restart.deadlineAt;

/**
 * The present act took longer than it may. An order that was never carried out was no restart: it uses up neither the
 * budget nor a step; otherwise a service would be left to people because the restart function was unavailable.
 */
function overdue(context: Context, state: State, restart: Restart, jitter: number): Step {
  const left = isFresh(restart) ? takeBack(state) : state;
  return actFailed(context, left, restart, { reason: lateness(restart), jitter, isInDoubt: isCarriedOut(restart) });
}

function lateness(restart: Restart): string {
  if (restart.begunAt === undefined) return 'nobody carried the order out';
  return `it took longer than ${currentStep(restart).timeoutSeconds} s`;
}
