// Task definitions of the local ECS: those that the settings give a service, with its own name as family.
import * as z from 'zod';

import type { JsonService } from '../wire.ts';
import { type EcsServiceConfig, revisionsOf } from './config.ts';
import { decode, invalid } from './inputs.ts';
import { definitionArn, definitionShape, shortName } from './shapes.ts';

const describeInput = z.object({ taskDefinition: z.string().transform(shortName) });
// Strict: ignoring a filter would be a lie.
const listInput = z.strictObject({
  familyPrefix: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']).default('ACTIVE'),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
});

/** The revision that `api`, `api:2` or an ARN names; throws ECS's error if the service has no such revision. */
export function revisionIn(config: EcsServiceConfig, name: string): number {
  const newest = revisionsOf(config).length;
  const [family, revision = newest] = shortName(name).split(':');
  if (family !== config.service || !definitionShape(config, Number(revision)))
    throw invalid('TaskDefinition not found.');
  return Number(revision);
}

export function taskDefinitionOperations(configs: () => readonly EcsServiceConfig[]): JsonService['operations'] {
  return {
    ListTaskDefinitions(input: unknown) {
      const { familyPrefix, status, sort } = decode(listInput, input);
      const config = configs().find(({ service }) => service === familyPrefix);
      if (!config || status === 'INACTIVE') return { taskDefinitionArns: [] };
      const arns = revisionsOf(config).map((_, index) => definitionArn(familyPrefix, index + 1));
      return { taskDefinitionArns: sort === 'ASC' ? arns : arns.reverse() };
    },
    DescribeTaskDefinition(input: unknown) {
      const { taskDefinition } = decode(describeInput, input);
      const config = configs().find(({ service }) => service === taskDefinition.split(':')[0]);
      if (!config) throw invalid('Unable to describe task definition.');
      return { taskDefinition: definitionShape(config, revisionIn(config, taskDefinition)) };
    },
  };
}
