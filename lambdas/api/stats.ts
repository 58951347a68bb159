// Numbers of the past, from roll-ups alone: days where they are whole, hours at the edges. The numbers of a removed
// service stay as long as roll-ups are kept.
import { decode } from '../core/faults.ts';
import { emptyRoll, inSequence, type Roll } from '../core/numbers/roll.ts';
import { nameOf } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import { planWindow, type WindowPlan } from '../core/numbers/window.ts';
import { shardOf } from '../core/values/hash.ts';
import { numbersView } from '../core/views/numbers-view.ts';
import type { RollupSubject } from '../ports/rollup-store.ts';
import { type ApiAnswer, type ApiPorts, fault, invalid, notFound, ok, type Route } from './request.ts';
import { fleetStatsQuery, statsQuery } from './schemas.ts';

/** `GET /services/{id}/stats`. */
export const getServiceStats: Route = async (request, ports, signal) => {
  const query = decode(statsQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const found = await numbersOf({ kind: 'service', ...key }, query.value.window, ports, signal);
  // Whether the service exists has to be asked only if it has no numbers.
  if (found.isEmpty && !(await ports.services.read(key, signal))) return notFound(key.tenant, key.id);
  return ok({ tenant: key.tenant, service: key.id, ...found.view });
};

/** `GET /projects/{project}/stats`. */
export const getProjectStats: Route = async (request, ports, signal) => {
  const query = decode(statsQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const { tenant, window } = query.value;
  const project = request.project ?? '';
  const found = await numbersOf({ kind: 'project', tenant, project }, window, ports, signal);
  return found.isEmpty ? noNumbers(tenant, project) : ok({ tenant, project, ...found.view });
};

const noNumbers = (tenant: string, project: string): ApiAnswer =>
  fault(404, 'NOT_FOUND', `there are no numbers of a project ${project} in tenant ${tenant} in this window`);

/** `GET /stats`. */
export const getFleetStats: Route = async (request, ports, signal) => {
  const query = decode(fleetStatsQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  return ok((await numbersOf({ kind: 'fleet' }, query.value.window, ports, signal)).view);
};

async function numbersOf(subject: RollupSubject, windowMs: number, ports: ApiPorts, signal: AbortSignal) {
  const progress = await ports.rollups.progress(signal);
  if (!progress) {
    const now = ports.clock.now();
    return { isEmpty: true, view: numbersView(emptyRoll, { from: now, before: now }) };
  }
  const plan = planWindow(progress, windowMs);
  const rolls = await rollsOf(subject, plan, ports, signal);
  return { isEmpty: rolls.length === 0, view: numbersView(inSequence(rolls), plan.whole) };
}

/** Oldest first. */
async function rollsOf(
  subject: RollupSubject,
  { days, hours }: WindowPlan,
  ports: ApiPorts,
  signal: AbortSignal,
): Promise<readonly Roll[]> {
  const read = async ({ stretch, unit }: { stretch: Stretch; unit: 'HOUR' | 'DAY' }) =>
    unit === 'HOUR' && subject.kind === 'service'
      ? await hoursOf(subject, stretch, ports, signal)
      : await ports.rollups.rolls(subject, unit, stretch, signal);
  const parts = [
    ...(days.from < days.before ? [{ stretch: days, unit: 'DAY' as const }] : []),
    ...hours.map((stretch) => ({ stretch, unit: 'HOUR' as const })),
  ].sort((one, other) => one.stretch.from - other.stretch.from);
  return (await Promise.all(parts.map(read))).flat();
}

/** A service's hours are in the rows of its shard. */
async function hoursOf(
  key: Readonly<{ tenant: string; id: string }>,
  stretch: Stretch,
  { rollups, shards }: ApiPorts,
  signal: AbortSignal,
): Promise<readonly Roll[]> {
  const name = nameOf(key);
  const found = await rollups.hours(shardOf(key.tenant, key.id, shards), stretch, signal, name);
  return found.flatMap(({ entries }) => entries[name]?.roll ?? []);
}
