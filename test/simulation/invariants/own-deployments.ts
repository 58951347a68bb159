// A restart is never held because of a deployment of our own: waiting for one that never comes up would heal nothing.
import { EcsBackend } from '../world/backends/ecs.ts';
import type { Invariant } from './invariant.ts';

export const ownDeployments: Invariant = {
  name: 'no restart is held by a deployment of our own',
  onCommit({ ended, before, wasRunning, watched, invocation }, check, { restarters }) {
    const { inspection } = invocation.memory;
    if (!inspection || !wasRunning) return;
    const isHeld =
      ended?.phase === 'cancelled' && inspection.kind === 'refused' && inspection.reason.includes('deployment');
    const step = before.restart?.step;
    const backend = step && restarters.backendOf(step);
    const underWay = backend instanceof EcsBackend ? backend.underWay : undefined;
    const isOurs = underWay !== undefined && watched.ownHandles.has(underWay);
    check(!isOurs || !isHeld, () => `${wasRunning.id} is held by ${underWay}, which an order of ours began`);
  },
};
