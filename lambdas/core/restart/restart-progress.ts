// What a report changes in a restart whose act was begun: a sign of life, the evidence that it would destroy, that the
// act was sent, that it is done. Whether a report counts at all is decided in restart-machine.ts.
import { withEvidence } from '../health/alert-facts.ts';
import { withRecord } from '../health/incident.ts';
import type { Report } from '../model/events.ts';
import type { Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged } from '../model/step.ts';
import { nextAct } from './restart-acts.ts';
import { patienceMs, sentBy } from './restart-begin.ts';
import { isOrder } from './restart-order.ts';
import { currentAct, currentStep, isDeployment } from './restart-plan.ts';
import { firstPollAt, isPollDue, nextPollAt } from './restart-polls.ts';

const EVIDENCE_CHARACTERS = 4_000;

/** A sign of life strikes off the intent to continue it and sets the next poll. A duplicate changes nothing. */
export function alive(context: Context, state: State, restart: Restart, evidence?: string): Step {
  const { now } = context;
  if (!isPollDue(restart, now)) return unchanged(state);
  const touched = unchanged({
    ...strikeOff(state, isOrder),
    restart: { ...restart, touchedAt: now, nextPollAt: nextPollAt(restart, now) },
  });
  return evidence === undefined ? touched : withLost(context, touched, restart, evidence);
}

/** Keeps the evidence that the restart would destroy with the incident. */
export function evident(context: Context, state: State, restart: Restart, text: string): Step {
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

type Sent = Extract<Report, { kind: 'sent' }>;

/** The act was sent, by this invocation or by one before it: from now on it counts, and is polled. */
export function sent(context: Context, state: State, restart: Restart, report: Sent): Step {
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
      // The step's time runs from this order, not from an earlier try that died before it had sent.
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

type Changed = Extract<Report, { kind: 'changed' }>;

/** An act has done what it was to do. */
export function done(context: Context, state: State, restart: Restart, report: Changed, jitter: number): Step {
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
