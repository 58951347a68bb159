// The facts in every alert of an incident: how it was seen, and what was tried. Collected when the alert is decided,
// because the incident may be over by the time the alert is sent.
import type { AlertBody } from '../model/intents.ts';
import type { Incident, Restart, State } from '../model/state.ts';

type Facts = Pick<AlertBody, 'at' | 'cause' | 'seen' | 'held' | 'handsOff' | 'tried' | 'evidence'>;

/** More outcomes than people read in one message. */
const TRIED_KEPT = 10;
/**
 * How much of one outcome a message shows: that of a restart on fifty hosts is long, and each alert carries them all.
 */
const OUTCOME_CHARACTERS = 200;
/** Less than the timeline keeps: it is written with the item until the incident is over. */
const EVIDENCE_CHARACTERS = 1_000;

/** Once an incident is over (`isOver`), why it was held and the evidence from before its restarts are left out. */
export function alertFacts(state: State, incident: Incident, now: number, isOver: boolean): Facts {
  const { last } = state;
  const isAnswer = last === undefined || last.verdict === 'up' || last.cause === 'none';
  return {
    at: now,
    seen: incident.message,
    tried: incident.tried,
    ...(!isOver && incident.handsOff && { handsOff: true }),
    ...(!isOver && {
      held: heldNow(state, incident),
      evidence: incident.evidence,
      cause: isAnswer ? undefined : last.cause,
    }),
  };
}

/**
 * Why it is not restarted. What held it before an order is remembered until that begins, and is in nobody's way by then;
 * what an order waits for is.
 */
export function heldNow({ restart }: State, { held }: Incident): string | undefined {
  return restart?.phase === 'preparing' && restart.waitsFor === undefined ? undefined : held;
}

/** The incident with the outcome of a restart that is over. One that was never carried out is no attempt. */
export function withTried(incident: Incident | undefined, restart: Restart, what: string, at: number) {
  if (!incident || restart.phase === 'cancelled') return incident;
  const outcome = restart.phase === 'completed' ? 'verified' : `failed: ${restart.outcome}`;
  const tried = { what, outcome: outcome.slice(0, OUTCOME_CHARACTERS), at };
  return { ...incident, tried: [...(incident.tried ?? []), tried].slice(-TRIED_KEPT) };
}

/** The incident with what a restart is about to destroy. */
export const withEvidence = (incident: Incident | undefined, text: string): Incident | undefined =>
  incident && { ...incident, evidence: text.slice(0, EVIDENCE_CHARACTERS) };
