// Takes an ECS service back to the revision of its task definition that ran before; changes nothing else.
import { ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';

import { revisionOf, wayBack } from '../core/restart/previous-revision.ts';
import type { EcsAction } from './ecs-action.ts';
import { withChangedBits } from './ecs-bits.ts';
import { type EcsCall, nameOf } from './ecs-call.ts';
import { deploy, findDeployment, followDeployment } from './ecs-deployment.ts';
import { listTaskDefinitionsAnswer } from './ecs-task-answers.ts';
import { orFault, RestartError } from './restart-error.ts';

export const rollback: EcsAction = {
  isDeployment: true,
  async inspect(call, service) {
    const current = service.taskDefinition ?? 'what ECS does not tell';
    const way = wayBack(current, await activeRevisions(call, current), service.deployments);
    return way.kind === 'none'
      ? { kind: 'refused', reason: way.reason }
      : { kind: 'ready', identity: service.identity, pin: way.target };
  },
  find: (call, order) => findDeployment(call, order, (to, from) => to.revision < from.revision),
  async send(call, { pin }) {
    if (pin === undefined)
      throw new RestartError(`ECS service ${nameOf(call)} was not inspected`, { isTransient: false });
    return await deploy(call, { taskDefinition: pin });
  },
  look: async (call, order, now) =>
    await withChangedBits(
      call,
      await followDeployment(call, order, now),
      ({ startedBy }) => startedBy === order.before,
    ),
};

/** The newest active revisions of the family, at most a hundred. */
async function activeRevisions(call: EcsCall, current: string): Promise<readonly string[]> {
  const { client, signal } = call;
  const family = revisionOf(current)?.family;
  if (family === undefined) return [];
  return await orFault(`ListTaskDefinitions ${family}`, async () => {
    const command = new ListTaskDefinitionsCommand({ familyPrefix: family, status: 'ACTIVE', sort: 'DESC' });
    return listTaskDefinitionsAnswer.parse(await client.send(command, { abortSignal: signal })).taskDefinitionArns;
  });
}
