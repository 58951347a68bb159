// The events that a write about a cascade may have come from, derived from what it left: the order to a dependent, and
// what was found of the present level.
import type { Cascaded, ServiceEvent, Sight } from '../../../lambdas/core/model/events.ts';
import type { Commit } from './invariant.ts';

type Found = Cascaded['found'];
const STOPPED = 'the restart of what depends on it is stopped: ';
const PASSED = ' is passed over: ';

/** For a restart that was ordered after another, or one whose dependents are restarted. */
export function cascadeEvents({ before, after, ordered }: Commit): readonly ServiceEvent[] {
  if (ordered?.cascadeOf !== undefined) {
    const { by, reason, force, cascadeOf } = ordered;
    return [{ kind: 'requested', by, reason, force, cascadeOf }];
  }
  if (!before.cascade) return [];
  const { restartId } = before.cascade;
  return foundOf(before.cascade, after).map((found) => ({ kind: 'cascaded', restartId, found }));
}

function foundOf({ levels, level }: NonNullable<Commit['before']['cascade']>, after: Commit['after']): Found[] {
  const messages = after.intents.flatMap((intent) => (intent.kind === 'record' ? [intent.record.message] : []));
  const rest = (levels ?? []).slice(level + 1).flat();
  const left = rest.length > 0 ? `; not restarted: ${rest.join(', ')}` : '';
  const reasons = messages
    .filter((message) => message.startsWith(STOPPED) && message.endsWith(left))
    .map((message) => message.slice(STOPPED.length, message.length - left.length));
  const refused = reasons.map((reason): Found => ({ kind: 'refused', reason }));
  if (!levels) return [{ kind: 'planned', levels: after.cascade?.levels ?? [] }, ...refused];
  const ids = levels[level] ?? [];
  const all = (outcome: Sight['outcome']): Sight[] => ids.map((service) => ({ service, outcome }));
  const failed = ids.flatMap((service) =>
    reasons
      .filter((reason) => reason.startsWith(`${service} failed: `))
      .map((reason): Sight[] => [{ service, outcome: 'failed', reason: reason.slice(`${service} failed: `.length) }]),
  );
  const passed = ids.map((service): Sight => {
    const message = messages.findLast((each) => each.startsWith(service + PASSED));
    if (message === undefined) return { service, outcome: 'done' };
    return { service, outcome: 'passed_over', reason: message.slice((service + PASSED).length) };
  });
  const looks = [all('under_way'), all('done'), passed, ...failed];
  return [...looks.map((sights): Found => ({ kind: 'looked', level, sights })), ...refused];
}
