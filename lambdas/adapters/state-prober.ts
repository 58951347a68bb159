// Asks ECS for the state of a service, if this prober may.
import { judgeEcs } from '../core/judging/judge-ecs.ts';
import type { Observation } from '../core/model/observation.ts';
import type { EcsProbe } from '../core/model/probe-spec.ts';
import type { EcsStates } from '../ports/prober.ts';
import type { Clock } from '../ports/process.ts';
import { ownTrouble } from './probe-fault.ts';

/** If ECS throttles, denies or does not answer in time, that says nothing about the service. */
export async function probeEcs(
  probe: EcsProbe,
  ecs: EcsStates | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Observation> {
  if (!ecs) return ownTrouble('this prober may not ask ECS');
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(probe.timeoutSeconds * 1000)]);
    return judgeEcs(await ecs.state(probe.cluster, probe.service, within), probe, clock.now());
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return ownTrouble(`ECS could not be asked (${cause instanceof Error ? cause.name : 'no error'})`);
  }
}
