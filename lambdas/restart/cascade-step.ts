// One step of a cascade: the dependents of a service that was restarted and verified are restarted in turn. Each order
// is an ordinary one, given once, because each service remembers the cascades that ordered it; the queue is the timer.
import { isCascadeDue, presentLevel, sightAfter, sightOf } from '../core/dependencies/cascade.ts';
import { MOST_DEPENDENTS, restartLevels } from '../core/dependencies/dependents.ts';
import type { Cascaded, Sight } from '../core/model/events.ts';
import type { Cascade } from '../core/model/state.ts';
import { type Changed, changeKnown, type ChangePorts, changeService } from '../flow/change-service.ts';
import { readNamed } from '../flow/dependency-graph.ts';
import { allDependentsOf } from '../flow/dependents.ts';
import type { RestartQueue } from '../ports/queues.ts';
import type { ServiceKey, Stored, TargetIndex } from '../ports/service-store.ts';

export type CascadePorts = ChangePorts &
  Readonly<{
    queue: RestartQueue;
    /** Who depends on whom. */
    targets: Pick<TargetIndex, 'services'>;
  }>;
type Run = Readonly<{
  key: ServiceKey;
  cascade: Cascade;
  correlationId: string;
  ports: CascadePorts;
  signal: AbortSignal;
}>;

/** Plans it, or orders and follows the restarts of its present level, and comes back when it is due again. */
export async function cascadeStep(
  { service: { tenant, id } }: Stored,
  cascade: Cascade,
  correlationId: string,
  ports: CascadePorts,
  signal: AbortSignal,
): Promise<void> {
  if (!isCascadeDue(cascade, ports.clock.now())) return; // another message looks after it
  const run = { key: { tenant, id }, cascade, correlationId, ports, signal };
  const found = cascade.levels
    ? { kind: 'looked' as const, level: cascade.level, sights: await seeLevel(run) }
    : await planOf(run);
  const reported = await report(run, found);
  const next = reported?.isChanged ? reported.step.state.cascade : undefined;
  if (!next) return; // over, or a double has written it
  const delaySeconds = Math.max(0, (next.nextAt - ports.clock.now()) / 1000);
  await ports.queue.again({ key: run.key, restartId: cascade.restartId, correlationId }, delaySeconds, signal);
}

async function planOf({ key, ports, signal }: Run): Promise<Cascaded['found']> {
  const { services, isCut, faulty } = await allDependentsOf(key, MOST_DEPENDENTS, ports, signal);
  if (isCut) return { kind: 'refused', reason: `more than ${MOST_DEPENDENTS} services depend on it` };
  // An undecodable item may be a dependent, with others behind it: a cascade without them is not what was asked for.
  if (faulty.length > 0) return { kind: 'refused', reason: `the item of ${faulty.join(', ')} cannot be decoded` };
  const graph = new Map(services.map(({ service: { id, dependsOn } }) => [id, dependsOn.map((edge) => edge.service)]));
  return { kind: 'planned', levels: restartLevels(key.id, graph) };
}

/** Looks at each service of the level, and orders the restart of those that were not ordered yet. */
const seeLevel = (run: Run): Promise<Sight[]> => Promise.all(presentLevel(run.cascade).map((id) => seeOne(id, run)));

async function seeOne(id: string, { key, cascade, correlationId, ports, signal }: Run): Promise<Sight> {
  let isFaulty = false;
  const stored = await readNamed({ ...key, id }, ports, signal, () => (isFaulty = true));
  if (isFaulty) return { service: id, outcome: 'failed', reason: 'its item cannot be decoded' };
  const sight = sightOf(cascade, id, stored, ports.clock.now());
  if (!stored || sight.outcome !== 'waiting') return sight;
  const { restartId: cascadeOf, by, force } = cascade;
  const reason = `${cascade.reason} (after ${key.id}, on which it depends)`;
  const changed = await changeKnown(stored, [{ kind: 'requested', by, reason, force, cascadeOf }], ports, {
    correlationId,
    signal,
  });
  return sightAfter(sight, changed?.step.refusal);
}

const report = (
  { key, cascade: { restartId }, correlationId, ports, signal }: Run,
  found: Cascaded['found'],
): Promise<Changed | undefined> =>
  changeService(key, [{ kind: 'cascaded', restartId, found }], ports, { correlationId, signal });
