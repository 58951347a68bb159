// Discovery on the wire of moto, which has ECS and load balancers: services with tags behind a real listener, and a run
// of the flow over them. Not asserted: how many items moto puts on a page.
import { randomUUID } from 'node:crypto';

import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeAll, describe, expect, it } from 'vitest';

import { createEcsInventory } from '../../lambdas/adapters/ecs-inventory.ts';
import { createElbBalancers } from '../../lambdas/adapters/elb-balancers.ts';
import { discover } from '../../lambdas/discover/discover.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeProbeQueue, fakeQueues } from '../fakes/fake-ports.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { tagRules } from '../make/discovery.ts';
import { clientsOf, moto, REGION } from './where.ts';

const { signal } = new AbortController();
const { ecs } = clientsOf(moto);
const credentials = { accessKeyId: 'testing', secretAccessKey: 'test' };
const elb = new ElasticLoadBalancingV2Client({ endpoint: moto.origin, region: REGION, credentials, maxAttempts: 1 });
const cluster = `discovery-${randomUUID()}`;
const name = cluster.slice(-12);

const arns = { group: '', service: '' };
let dnsName = '';
const tag = (key: string, value: string) =>
  ecs.send(new TagResourceCommand({ resourceArn: arns.service, tags: [{ key, value }] }));

beforeAll(async () => {
  // moto makes a VPC with these subnets for every account.
  const subnets = await defaultSubnets();
  const made = await elb.send(new CreateLoadBalancerCommand({ Name: `lb-${name}`, Subnets: subnets }));
  const { LoadBalancerArn = '', DNSName = '', VpcId } = made.LoadBalancers?.[0] ?? {};
  const group = await elb.send(new CreateTargetGroupCommand({ Name: `tg-${name}`, Protocol: 'HTTP', Port: 80, VpcId }));
  const { TargetGroupArn = '' } = group.TargetGroups?.[0] ?? {};
  await elb.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 8080 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  arns.group = TargetGroupArn;
  dnsName = DNSName;

  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const containerDefinitions = [{ name: 'web', image: 'web', memory: 64 }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: name, containerDefinitions }));
  const common = { cluster, taskDefinition: name, desiredCount: 1 };
  const { service } = await ecs.send(
    new CreateServiceCommand({
      ...{ ...common, serviceName: 'Shop_Web' },
      loadBalancers: [{ targetGroupArn: TargetGroupArn, containerName: 'web', containerPort: 80 }],
      tags: [
        { key: 'lamplighter:health-path', value: '/health' },
        { key: 'lamplighter:profile', value: 'critical' },
      ],
    }),
  );
  arns.service = service?.serviceArn ?? '';
  for (let n = 0; n < 12; n += 1) await ecs.send(new CreateServiceCommand({ ...common, serviceName: `plain-${n}` }));
});

/** Two subnets of the VPC that moto gives every account; asked for without a client, which nothing else would need. */
async function defaultSubnets(): Promise<string[]> {
  const scope = `Credential=testing/20260101/${REGION}/ec2/aws4_request, SignedHeaders=host, Signature=none`;
  const answer = await fetch(moto.origin, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=DescribeSubnets&Version=2016-11-15',
  });
  const ids = [...(await answer.text()).matchAll(/<subnetId>(subnet-\w+)<\/subnetId>/g)].map(([, id = '']) => id);
  return ids.slice(0, 2);
}

const inventory = createEcsInventory(ecs);
const balancers = createElbBalancers(elb);

describe('what discovery reads', () => {
  it('are all services of the cluster, with tags and target groups', async () => {
    const seen = await inventory.services(cluster, signal);
    expect(seen).toHaveLength(13);
    const shop = seen.find(({ service }) => service === 'Shop_Web');
    expect(shop).toMatchObject({ cluster, isRunning: true, targetGroups: [arns.group] });
    expect(shop?.tags.get('lamplighter:health-path')).toBe('/health');
    expect(seen.find(({ service }) => service === 'plain-0')?.tags.size).toBe(0);
  });

  it('is where the load balancer listens', async () => {
    const endpoint = { origin: `http://${dnsName}:8080`, isInternal: false };
    expect(await balancers.endpoints([arns.group], signal)).toEqual(new Map([[arns.group, endpoint]]));
    expect(await balancers.endpoints([`${arns.group}-gone`], signal)).toEqual(new Map());
  });

  it('is a fault for a cluster that is not there', async () => {
    await expect(inventory.services('gone', signal)).rejects.toThrow('ListServices gone: ClusterNotFoundException');
  });
});

describe('a run of discovery', () => {
  const stores = fakeStores(4);
  const clock = fakeClock();
  const ports = {
    ...stores,
    ...{ ecs: inventory, balancers, clock, log: fakeLog(), shards: 4, clusters: [cluster], retentionMs: 1_000 },
    ...{ probeQueue: fakeProbeQueue(fakeQueues(clock)), limits: tagRules().limits, restartTag: tagRules().restartTag },
  };
  const run = async () => {
    clock.pass(300_000);
    await discover(ports, { by: 'discovery', correlationId: randomUUID(), signal });
    return (await stores.drift.read(signal))?.entries ?? [];
  };
  const registered = async () => (await stores.services.read({ tenant: 'default', id: 'shop-web' }, signal))?.document;

  it('follows the tags: registers, changes, keeps what is only faulty, and lets go', async () => {
    expect((await run()).filter(({ kind }) => kind === 'unregistered')).toHaveLength(12);
    expect(await registered()).toMatchObject({
      probe: { url: `http://${dnsName}:8080/health` },
      policy: { profile: 'critical' },
      restart: { mode: 'off', steps: [{ cluster, service: 'Shop_Web' }] },
    });

    await tag('lamplighter:profile', 'standard');
    await tag('lamplighter', 'restart');
    await run();
    expect(await registered()).toMatchObject({ policy: { profile: 'standard' }, restart: { mode: 'on' } });

    await tag('lamplighter:profile', 'best');
    expect(await run()).toContainEqual(expect.objectContaining({ kind: 'faulty_tag', tag: 'lamplighter:profile' }));
    expect(await registered()).toMatchObject({ policy: { profile: 'standard' } });

    const tagKeys = ['lamplighter:profile', 'lamplighter:health-path'];
    await ecs.send(new UntagResourceCommand({ resourceArn: arns.service, tagKeys }));
    expect(await run()).toContainEqual(expect.objectContaining({ kind: 'untagged', id: 'shop-web' }));
    await tag('lamplighter:health-path', '/ready');
    await run();
    expect(await registered()).toMatchObject({ probe: { url: `http://${dnsName}:8080/ready` } });

    await ecs.send(new DeleteServiceCommand({ cluster, service: 'Shop_Web', force: true }));
    expect(await run()).toContainEqual(expect.objectContaining({ kind: 'gone', id: 'shop-web' }));
    expect(await registered()).toBeDefined();
    expect((await run()).map(({ kind }) => kind)).not.toContain('gone');
    expect(await registered()).toBeUndefined();
  });
});
