// The addresses of services behind application load balancers. Reads only; network and gateway load balancers have no
// path to probe, and are skipped.
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';

import { type Endpoint, endpointOf, type Listener } from '../core/registration/endpoint.ts';
import type { Balancers } from '../ports/discovery.ts';
import { type Page, toBalancers, toListeners, toTargetGroups } from './elb-answers.ts';
import { reading } from './inventory-error.ts';

/** The most that a page may hold. */
const PageSize = 400;

/**
 * Reads all target groups and load balancers: if they were asked for by name, one that no longer exists would fail the
 * call for all.
 */
export function createElbBalancers(client: ElasticLoadBalancingV2Client): Balancers {
  return {
    async endpoints(wanted, abortSignal) {
      const found = new Map<string, Endpoint>();
      if (wanted.length === 0) return found;
      const groups = await allPages('DescribeTargetGroups', async (Marker) =>
        toTargetGroups(await client.send(new DescribeTargetGroupsCommand({ PageSize, Marker }), { abortSignal })),
      );
      const balancers = await allPages('DescribeLoadBalancers', async (Marker) =>
        toBalancers(await client.send(new DescribeLoadBalancersCommand({ PageSize, Marker }), { abortSignal })),
      );
      const listenersOf = once((LoadBalancerArn) =>
        allPages(`DescribeListeners ${LoadBalancerArn}`, async (Marker) => {
          const command = new DescribeListenersCommand({ LoadBalancerArn, PageSize, Marker });
          return toListeners(await client.send(command, { abortSignal }));
        }),
      );
      for (const group of groups.filter(({ arn }) => wanted.includes(arn))) {
        const balancer = balancers.find(({ arn }) => group.balancers.includes(arn));
        const endpoint = balancer && endpointOf(balancer, await listenersOf(balancer.arn), group.arn);
        if (endpoint) found.set(group.arn, endpoint);
      }
      return found;
    },
  };
}

async function allPages<T>(
  what: string,
  page: (marker: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let marker: string | undefined;
  do {
    const { items: more, next } = await reading(what, () => page(marker));
    items.push(...more);
    marker = next;
  } while (marker !== undefined);
  return items;
}

/** Many services share a load balancer: its listeners are read once. */
function once(ask: (arn: string) => Promise<readonly Listener[]>): (arn: string) => Promise<readonly Listener[]> {
  const asked = new Map<string, Promise<readonly Listener[]>>();
  return (arn) => {
    const answer = asked.get(arn) ?? ask(arn);
    asked.set(arn, answer);
    return answer;
  };
}
