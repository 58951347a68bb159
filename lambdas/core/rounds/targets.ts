// What a service runs on and depends on, as far as its registration says: an event of AWS can name the first, a service
// that is down the second.
import type { Target } from '../../contract/messages.ts';
import type { Registration } from '../model/service.ts';

type Named = Pick<Registration, 'restart' | 'tenant' | 'dependsOn'> & Partial<Pick<Registration, 'probe'>>;

export const ecsTarget = (cluster: string, service: string): Target => `ecs#${cluster}#${service}`;
export const ec2Target = (instanceId: string): Target => `ec2#${instanceId}`;
/** Dependencies are of the same tenant. */
export const serviceTarget = (tenant: string, id: string): Target => `service#${tenant}#${id}`;

/**
 * What the probe, the restart steps and the dependencies of a registration name, each once: its changes concern the
 * service.
 */
export function targetsOf({ restart, tenant, dependsOn, probe }: Named): readonly Target[] {
  const runsOn = restart.steps.flatMap((step) =>
    // Registered machines (mi-…) are not EC2 instances, and AWS sends no events about them.
    step.kind === 'ecs'
      ? ecsTarget(step.cluster, step.service)
      : step.instanceIds.filter((id) => id.startsWith('i-')).map(ec2Target),
  );
  const asked = probe?.kind === 'ecs' ? [ecsTarget(probe.cluster, probe.service)] : [];
  return [...new Set([...asked, ...runsOn, ...dependsOn.map(({ service }) => serviceTarget(tenant, service))])];
}

/** Which targets a new document names no longer, and which it is the first to name; either document may be missing. */
export function movedTargets(
  before: Named | undefined,
  after: Named | undefined,
): { gone: readonly Target[]; fresh: readonly Target[] } {
  const old = before ? targetsOf(before) : [];
  const now = after ? targetsOf(after) : [];
  return {
    gone: old.filter((target) => !now.includes(target)),
    fresh: now.filter((target) => !old.includes(target)),
  };
}
