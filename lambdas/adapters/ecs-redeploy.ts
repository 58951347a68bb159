// Restarts an ECS service by forcing a new deployment of what it already runs; changes nothing else about it.
import type { EcsAction } from './ecs-action.ts';
import { otherBits, withChangedBits } from './ecs-bits.ts';
import { deploy, findDeployment, followDeployment } from './ecs-deployment.ts';

export const redeploy: EcsAction = {
  isDeployment: true,
  async inspect(call, service, around) {
    const reason = await otherBits(call, { service, ...around });
    return reason === undefined
      ? { kind: 'ready', identity: service.identity }
      : { kind: 'refused', reason: `is left alone: ${reason}` };
  },
  find: (call, order) => findDeployment(call, order, (to, from) => to.revision === from.revision),
  send: (call) => deploy(call, { forceNewDeployment: true }),
  look: async (call, order, now) =>
    await withChangedBits(
      call,
      await followDeployment(call, order, now),
      ({ startedBy }) => startedBy === order.before,
    ),
};
