// A dependency that is not essential is down: people are warned once, and nothing is restarted (requirement M1).
import { oneMoreHeld, whyQuiet } from '../health/held-back.ts';
import { withRecord } from '../health/incident.ts';
import { withOutsideAlert } from '../health/outside-alert.ts';
import type { DependencyDown } from '../model/events.ts';
import type { State } from '../model/state.ts';
import { type Context, type Step, unchanged } from '../model/step.ts';

/**
 * One warning for each incident of the dependency, however often it is reported; an incident that is over warns nobody.
 */
export function warnOfDependency(context: Context, state: State, event: DependencyDown): Step {
  const { service } = context;
  const known = state.warnedOf ?? [];
  const isNamed = service.dependsOn.some((edge) => edge.service === event.service && !edge.essential);
  const isKnown = known.some((one) => one.service === event.service && one.since >= event.since);
  if (!isNamed || isKnown) return unchanged(state);
  const named = service.dependsOn.map((edge) => edge.service);
  const others = known.filter((one) => one.service !== event.service && named.includes(one.service));
  const warned: State = { ...state, warnedOf: [...others, { service: event.service, since: event.since }] };
  const why = whyQuiet(context, state, 'warning');
  const isTold = why === undefined;
  const message = `It depends on ${event.service}, which is down. It can work without, so it is not restarted.`;
  const { incidentId, since: detectedAt } = event;
  const warning = { kind: 'dependency_down', level: 'warning', message, incidentId, detectedAt } as const;
  const recorded = withRecord(context, unchanged({ ...warned, ...oneMoreHeld(state, why) }), {
    ...warning,
    failureType: 'health_check_failed',
    action: isTold ? 'alert' : 'none',
  });
  if (!isTold) return recorded;
  const deduplicationKey = `${incidentId}:dependency_down:${service.id}`;
  return withOutsideAlert(context, recorded, { ...warning, deduplicationKey });
}
