// One restart under way: what the restart function reports of it, and what time does to it. Orders are in
// restart-order.ts, ends in restart-endings.ts; verdicts come in through count-verdict.ts, and counts of requests through
// restart-drain.ts.
import { withEvidence } from '../health/alert-facts.ts';
import { withRecord } from '../health/incident.ts';
import type { Report, Reported } from '../model/events.ts';
import { type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withIntent } from '../model/step.ts';
import { assertNever } from '../result.ts';
import { actFailed, nextAct } from './restart-acts.ts';
import { begin, isActing, isCarriedOut, maySend, patienceMs, sentBy, waitInQueue } from './restart-begin.ts';
import { waitedEnough } from './restart-drain.ts';
import { takeBack } from './restart-endings.ts';
import { isOrder } from './restart-order.ts';
import { currentAct, currentStep, isDeployment, orderId } from './restart-plan.ts';
import { endsAt, firstPollAt, isPollDue, nextPollAt } from './restart-polls.ts';
import { verificationOver } from './restart-verify.ts';
import { isBeforeStep, isFresh, stillWanted, stopRestart } from './restart-wanted.ts';

/** After this long without a sign of life a restart under way is handed over again. */
const SILENCE_MS = 90_000;
const EVIDENCE_CHARACTERS = 4_000;

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
      return isBeforeStep(restart) ? stopRestart(context, state, restart, report.reason, jitter) : unchanged(state);
    default:
      return assertNever(report);
  }
}

/** A sign of life answers the wish to have it carried on, and says when the next one is due. One of a double changes nothing. */
function alive(context: Context, state: State, restart: Restart, evidence?: string): Step {
  const { now } = context;
  if (!isPollDue(restart, now)) return unchanged(state);
  const touched = unchanged({
    ...strikeOff(state, isOrder),
    restart: { ...restart, touchedAt: now, nextPollAt: nextPollAt(restart, now) },
  });
  return evidence === undefined ? touched : withLost(context, touched, restart, evidence);
}

/** What would be lost, kept with the incident before anything is lost. */
function evident(context: Context, state: State, restart: Restart, text: string): Step {
  if (restart.hasEvidence) return unchanged(state);
  const incident = withEvidence(state.incident, text);
  return withLost(
    context,
    unchanged({ ...state, restart: { ...restart, hasEvidence: true }, incident }),
    restart,
    text,
  );
}

const withLost = (context: Context, step: Step, { id }: Restart, text: string): Step =>
  withRecord(context, step, {
    kind: 'evidence',
    level: 'info',
    message: text.slice(0, EVIDENCE_CHARACTERS),
    restartId: id,
    action: 'none',
  });

function sent(context: Context, state: State, restart: Restart, report: Extract<Report, { kind: 'sent' }>): Step {
  const { now } = context;
  const { kind } = currentAct(restart);
  const isMain = kind === 'restart';
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
      deadlineAt: now + patienceMs(currentStep(restart)),
      ...(isMain && { restartHandle: report.handle, restartSentAt: now }),
      ...(isDeployment(currentStep(restart)) && { priorHandle: report.handle }),
    },
    ...(isMain && {
      restartTimes: sentBy(state, now),
      totalRestarts: state.totalRestarts + 1,
      lastRestartAt: now,
    }),
  };
  return withRecord(context, unchanged(next), {
    kind: report.adopted ? 'restart_adopted' : 'restart_sent',
    level: 'warning',
    message: `${isMain ? '' : `${kind}: `}${report.adopted ? 'had been sent already' : 'sent'}: ${report.handle}`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    details: { handle: report.handle },
  });
}

/** An act has done what it was to do. */
function done(
  context: Context,
  state: State,
  restart: Restart,
  report: Extract<Report, { kind: 'changed' }>,
  jitter: number,
): Step {
  const { kind } = currentAct(restart);
  const output = kind === 'restart' ? (report.output ?? restart.output) : restart.output;
  const next: Restart = { ...restart, output };
  const recorded = withRecord(context, unchanged({ ...state, restart: next }), {
    kind: kind === 'restart' ? 'instance_changed' : 'restart_act_done',
    level: 'info',
    message: kind === 'restart' ? report.detail : `${kind}: ${report.detail}`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    details: { identity: report.identity },
  });
  return nextAct(context, recorded, next, report.identity, jitter);
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
 * Whether an order comes when its time is over, and no round has said so yet: what was known when it was given is old by
 * then, and whoever still needs it is ordered anew.
 */
const isTooLate = ({ now }: Context, restart: Restart): boolean => maySend(restart, now) && now >= restart.deadlineAt;

/**
 * Its present act took longer than it may. An order that nobody came for was no restart: it uses up neither the budget nor a
 * step, or a service would be left to people because the restart function was away.
 */
function overdue(context: Context, state: State, restart: Restart, jitter: number): Step {
  const left = isFresh(restart) ? takeBack(state) : state;
  return actFailed(context, left, restart, { reason: lateness(restart), jitter, isInDoubt: isCarriedOut(restart) });
}

function lateness(restart: Restart): string {
  if (restart.begunAt === undefined) return 'nobody carried the order out';
  return `it took longer than ${currentStep(restart).timeoutSeconds} s`;
}
