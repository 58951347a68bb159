// What comes on the probe queue: our own packs and checks, and the events that EventBridge puts there as they are.
import { describe, expect, it } from 'vitest';

import { eachRecord } from '../../lambdas/runtime/each-record.ts';
import { alertMessageSchema, probeMessageSchema } from '../../lambdas/runtime/message-schemas.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { deploymentEvent, instanceEvent, taskEvent } from '../make/aws-events.ts';
import { batchOf, contextFor } from './invoke.ts';

const shard = { shard: 1, services: 2, unhealthy: 0, fastestSeconds: 60, census: 'mark', version: 3 };
const pack = { kind: 'pack', correlationId: 'c', beat: 60_000, stepSeconds: 60, shards: [shard], hasStorms: true };
const check = { kind: 'check', correlationId: 'c', tenant: 'default', id: 'billing', beat: 1, intentId: 'i1' };

/** The messages that the flow is given of these bodies, and the ids of those that fail. */
async function receive(...bodies: unknown[]) {
  const seen: { kind: string; targets?: unknown }[] = [];
  const log = fakeLog();
  const handler = eachRecord(
    probeMessageSchema,
    async (message) => void seen.push(message),
    () => log,
    () => undefined,
  );
  const { batchItemFailures } = await handler(batchOf(...bodies.map((body) => JSON.stringify(body))), contextFor());
  return { seen, failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

describe('the probe queue', () => {
  it('takes packs and checks as they were sent', async () => {
    const { seen, failed } = await receive(pack, check);
    expect(seen).toMatchObject([pack, check]);
    expect(failed).toEqual([]);
  });

  it('takes the events of EventBridge, in our own words', async () => {
    const { seen, failed } = await receive(taskEvent(), deploymentEvent(), instanceEvent());
    expect(seen).toMatchObject([
      { kind: 'state_change', targets: ['ecs#prod#billing'] },
      { kind: 'state_change', targets: ['ecs#prod#billing'] },
      { kind: 'state_change', targets: ['ec2#i-0abc'] },
    ]);
    expect(failed).toEqual([]);
  });

  it('takes an event that it does not know too, so that none of AWS fills the dead letters', async () => {
    const { seen, failed } = await receive(taskEvent({}, { 'detail-type': 'ECS Service Action', detail: 'new' }));
    expect(seen).toMatchObject([{ kind: 'state_change', targets: [] }]);
    expect(failed).toEqual([]);
  });

  it.each([
    ['a pack that lacks something', { ...pack, shards: undefined }],
    ['a check that lacks something', { ...check, tenant: undefined }],
    ['a kind that nobody knows', { ...check, kind: 'restart' }],
    ['a test message of somebody', { hello: 'world' }],
  ])('fails %s', async (_, body) => {
    expect(await receive(body)).toEqual({ seen: [], failed: ['m-0'] });
  });
});

describe('the alert queue', () => {
  const service = { correlationId: 'c', tenant: 'default', id: 'billing', intentIds: ['i1'] };
  const storm = { kind: 'storm', correlationId: 'c', stormId: 's1' };
  const window = { kind: 'window', correlationId: 'c', tenant: 'default', project: null, windowId: 'w1' };

  it('takes what is pending for a service, storms, and windows of any project or none', () => {
    for (const one of [window, { ...window, project: 'erp' }]) expect(alertMessageSchema.parse(one)).toEqual(one);
    expect(alertMessageSchema.parse(service)).toEqual(service);
    expect(alertMessageSchema.parse(storm)).toEqual(storm);
  });

  it.each([
    { ...storm, stormId: undefined },
    { ...window, windowId: undefined },
    { ...service, intentIds: 'i1' },
    { kind: 'flood' },
  ])('fails %j', (body) => {
    expect(alertMessageSchema.safeParse(body).success).toBe(false);
  });
});
