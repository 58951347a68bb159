// Noise is held back, and nothing that matters: people who were told of an incident are told that it is over, also
// while the service flaps; nobody is reminded of an incident that somebody has acknowledged, or of a paused service;
// and critical alerts are sent.
import { isPaused } from '../../../lambdas/core/model/state.ts';
import type { Check, Commit, Invariant } from './invariant.ts';

const madeIn = ({ before, after }: Commit) =>
  after.intents.filter(({ id }) => !before.intents.some((known) => known.id === id));
const alertsIn = (commit: Commit) =>
  madeIn(commit).flatMap((intent) => (intent.kind === 'alert' ? [intent.alert] : []));

function endTold(commit: Commit, check: Check): void {
  const { before, after, spec } = commit;
  const over = before.incident;
  if (!over || over.alerted.length === 0 || over.id === after.incident?.id || !spec.alerts.enabled) return;
  const isTold = alertsIn(commit).some(({ kind, incidentId }) => kind === 'recovered' && incidentId === over.id);
  check(isTold, () => `people know of ${over.id}, and are not told that it is over`);
}

function nobodyDisturbed(commit: Commit, check: Check): void {
  const { before, now } = commit;
  const disturbing = alertsIn(commit).find(({ kind }) => kind === 'reminder' || kind === 'escalation');
  if (!disturbing) return;
  const taken = before.incident?.acknowledged;
  const isTaken = taken !== undefined && (taken.until === undefined || now < taken.until);
  check(!isTaken, () => `${disturbing.deduplicationKey} although ${taken?.by} has it in hand`);
  check(!isPaused(before, now), () => `${disturbing.deduplicationKey} although it is paused`);
}

function criticalTold(commit: Commit, check: Check): void {
  const { before, after, spec } = commit;
  const isPast = madeIn(commit).some(({ kind, ...rest }) => 'record' in rest && rest.record.kind === 'limit_exceeded');
  if (!isPast || !spec.alerts.enabled || before.incident?.alerted.includes('restart_limit_exceeded')) return;
  const isTold = alertsIn(commit).some(({ level }) => level === 'critical');
  check(isTold, () => `the budget of ${after.incident?.id} is used up, and nobody is told`);
}

export const noise: Invariant = {
  name: '7 noise is held back, and nothing else',
  onCommit(commit, check) {
    endTold(commit, check);
    nobodyDisturbed(commit, check);
    criticalTold(commit, check);
  },
};
