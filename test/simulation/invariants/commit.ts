// What a write changes: both states compared, together with what its invocation has seen; and the same as one line of a
// story.
import { type Commit, running, type Written } from './invariant.ts';
import type { Watched } from './watched.ts';

export function commitOf(written: Written, watched: Watched): Commit {
  const { service, spec, before, after, invocation } = written;
  const { errand, seen, unready } = invocation.memory;
  const alive = errand && seen.get(service)?.verdict;
  const verdict = alive === 'up' && unready.has(service) ? 'slow' : alive;
  const isNewer = errand !== undefined && errand.beat > before.lastBeat;
  const isHasty = errand?.isAsked === true && errand.beat - before.lastBeat < spec.probe.intervalSeconds * 1000;
  const [wasRunning, isRunning] = [running(before), running(after)];
  return {
    ...written,
    watched,
    verdict,
    isCounted: verdict !== undefined && verdict !== 'unknown' && isNewer && !isHasty,
    ...{ wasRunning, isRunning },
    ordered: after.restart?.id === before.restart?.id ? undefined : after.restart,
    ended: wasRunning && !isRunning && after.restart?.id === wasRunning.id ? after.restart : undefined,
  };
}

/** `#812 probe saw down at beat 05T10:04:00: unhealthy, downs 3, answers 0, inc-1, rst-1 preparing + restart alert`. */
export function tale({ before, after, invocation, verdict }: Commit): string {
  const { incident, restart } = after;
  const beat = new Date(invocation.memory.errand?.beat ?? 0).toISOString().slice(8, 19);
  const added = after.intents.filter(({ id }) => !before.intents.some((known) => known.id === id));
  const struck = before.intents.length + added.length - after.intents.length;
  return [
    `#${invocation.id} ${invocation.name}${verdict ? ` saw ${verdict} at beat ${beat}` : ''}: ${after.health}`,
    `, downs ${after.downs}, answers ${after.answers}`,
    incident ? `, ${incident.id}${incident.handsOff ? ' hands off' : ''}` : '',
    incident?.held ? `, held: ${incident.held}` : '',
    restart ? `, ${restart.id} ${restart.phase}` : '',
    ...added.map((intent) => ` + ${intent.kind === 'record' ? intent.record.kind : intent.kind}`),
    struck > 0 ? ` - ${struck} done` : '',
  ].join('');
}
