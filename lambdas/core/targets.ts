// What a service runs on, as far as its registration says: that is what an event of AWS can name.
import type { Target } from '../contract/messages.ts';
import type { Registration } from './service.ts';

type Named = Pick<Registration, 'restart'>;

export const ecsTarget = (cluster: string, service: string): Target => `ecs#${cluster}#${service}`;
export const ec2Target = (instanceId: string): Target => `ec2#${instanceId}`;

/** What the restart steps of a registration name, each once: who may restart a thing wants to hear of it. */
export function targetsOf({ restart }: Named): readonly Target[] {
  const named = restart.steps.flatMap((step) =>
    // Registered machines (mi-…) are not of EC2, and no event of AWS tells of them.
    step.kind === 'ecs'
      ? ecsTarget(step.cluster, step.service)
      : step.instanceIds.filter((id) => id.startsWith('i-')).map(ec2Target),
  );
  return [...new Set(named)];
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
