// The services of an ECS cluster, with their tags: lists and describes, and changes nothing.
import { DescribeServicesCommand, type ECSClient, ListServicesCommand } from '@aws-sdk/client-ecs';
import * as z from 'zod/mini';

import type { SeenService } from '../core/discovery/ecs-tags.ts';
import type { EcsInventory } from '../ports/discovery.ts';
import { InventoryError, reading } from './inventory-error.ts';

const listAnswer = z.object({
  serviceArns: z._default(z.array(z.string()), []),
  nextToken: z.optional(z.string()),
});
const describeAnswer = z.object({
  services: z._default(
    z.array(
      z.object({
        serviceName: z.string(),
        /** ACTIVE, DRAINING or INACTIVE. */
        status: z.string(),
        desiredCount: z._default(z.number(), 0),
        tags: z._default(z.array(z.object({ key: z.string(), value: z._default(z.string(), '') })), []),
        loadBalancers: z._default(z.array(z.object({ targetGroupArn: z.optional(z.string()) })), []),
      }),
    ),
    [],
  ),
  failures: z._default(z.array(z.object({ reason: z.optional(z.string()) })), []),
});
type Described = z.infer<typeof describeAnswer>;

/** The most that DescribeServices accepts. */
const BATCH = 10;
const PAGE = 100;

export function createEcsInventory(client: ECSClient): EcsInventory {
  async function namesIn(cluster: string, abortSignal: AbortSignal): Promise<readonly string[]> {
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListServicesCommand({ cluster, maxResults: PAGE, nextToken });
      const page = listAnswer.parse(await client.send(command, { abortSignal }));
      arns.push(...page.serviceArns);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return arns;
  }

  async function describe(cluster: string, services: readonly string[], abortSignal: AbortSignal): Promise<Described> {
    const command = new DescribeServicesCommand({ cluster, services: [...services], include: ['TAGS'] });
    return describeAnswer.parse(await client.send(command, { abortSignal }));
  }

  return {
    async services(cluster, signal) {
      const names = await reading(`ListServices ${cluster}`, () => namesIn(cluster, signal));
      const found: SeenService[] = [];
      for (let from = 0; from < names.length; from += BATCH) {
        const batch = names.slice(from, from + BATCH);
        const described = await reading(`DescribeServices ${cluster}`, () => describe(cluster, batch, signal));
        found.push(...servicesOf(cluster, batch.length, described));
      }
      return found;
    },
  };
}

/**
 * A service deleted between the two calls is MISSING, which is no fault; with any other failure nothing is known of it.
 */
function servicesOf(cluster: string, asked: number, { services, failures }: Described): readonly SeenService[] {
  const missing = failures.filter(({ reason }) => reason === 'MISSING').length;
  if (services.length + missing < asked)
    throw new InventoryError(`DescribeServices ${cluster}`, new Error('not every service was described'));
  return services
    .filter(({ status }) => status === 'ACTIVE')
    .map(({ serviceName, desiredCount, tags, loadBalancers }) => ({
      cluster,
      service: serviceName,
      isRunning: desiredCount > 0,
      tags: new Map(tags.map(({ key, value }) => [key, value])),
      targetGroups: loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    }));
}
