import { beforeEach, describe, expect, it } from 'vitest';

import type { AlertPorts } from '../../lambdas/alert/carry-out.ts';
import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import { CLAIM_MS } from '../../lambdas/alert/tell-ports.ts';
import type { Intent } from '../../lambdas/core/model/intents.ts';
import { noOutbox } from '../../lambdas/flow/change-service.ts';
import type { AlertSink, Notice } from '../../lambdas/ports/alerts.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { alert, common, key, record } from './pending.ts';

const { signal } = new AbortController();
let stores: Stores;
beforeEach(() => void (stores = fakeStores(1)));

async function setUp(intents: Intent[], sink = fakeAlertSink(), more: Partial<AlertPorts> = {}) {
  await put(stores, registration({ project: 'erp' }), { intents });
  const set = probeSet({}, stores);
  const { timeline, targets } = stores;
  const ports: AlertPorts = { ...set.ports, outbox: noOutbox, timeline, targets, sink, ...more };
  const send = (...intentIds: string[]) => sendAlert({ ...key, correlationId: 'c1', intentIds }, ports, signal);
  return { ...set, sink, send };
}
const left = async () => (await stateOf(stores)).intents.map(({ id }) => id);
const written = () => stores.timeline.events(key, { limit: 10 }, signal);

describe('what is pending for a service', () => {
  it('is written and published, struck off and counted by level', async () => {
    const intents = [record('i1', 'unhealthy'), alert('i2', 'unhealthy'), alert('i3', 'recovered', 'info')];
    const { send, sink, metrics } = await setUp(intents);
    await send('i1', 'i2', 'i3');
    expect(await written()).toMatchObject([
      { ...key, project: 'erp', at: START, intentId: 'i1', kind: 'unhealthy', message: 'it is down' },
    ]);
    expect(sink.taken).toMatchObject([
      { kind: 'unhealthy', level: 'error', deduplicationKey: 'inc-1:unhealthy' },
      { kind: 'recovered', level: 'info' },
    ]);
    expect(await left()).toEqual([]);
    expect(metrics.values).toEqual({ AlertsError: [1], AlertsInfo: [1] });
  });

  it('is told with links into the deployment', async () => {
    const links: unknown[] = [];
    const publish: AlertSink['publish'] = async ({ json }) =>
      void links.push((JSON.parse(json) as { links: unknown }).links);
    const place = { apiUrl: 'https://api.example.com' };
    const { send } = await setUp([alert('i1', 'unhealthy')], undefined, { sink: { publish }, place });
    await send('i1');
    expect(links).toMatchObject([{ service: 'https://api.example.com/services/billing?tenant=default' }]);
  });

  it.each([
    { kind: 'restart_completed', metric: 'RestartsCompleted' },
    { kind: 'restart_failed', metric: 'RestartsFailed' },
  ] as const)('counts a $kind, which is in the history as well', async ({ kind, metric }) => {
    const { send, metrics } = await setUp([record('i1', kind)]);
    await send('i1');
    expect(metrics.values).toEqual({ [metric]: [1] });
    expect(await stores.timeline.restarts(key, { limit: 5 }, signal)).toHaveLength(1);
  });

  it.each(['info', 'warning', 'error', 'critical'] as const)(
    'counts an alert of level %s under its own name',
    async (level) => {
      const { send, metrics } = await setUp([alert('i1', 'unhealthy', level)]);
      await send('i1');
      expect(metrics.values).toEqual({ [`Alerts${level[0]!.toUpperCase()}${level.slice(1)}`]: [1] });
    },
  );

  it('is carried out as far as the message names it, and once', async () => {
    const { send, sink } = await setUp([alert('i1', 'unhealthy'), alert('i2', 'recovered')]);
    await send('i1');
    await send('i1');
    expect(sink.kinds()).toEqual(['unhealthy']);
    expect(await left()).toEqual(['i2']);
  });

  it('is gone with a service that was removed', async () => {
    const { send, sink } = await setUp([alert('i1', 'unhealthy'), record('i2', 'unhealthy')]);
    await stores.services.remove(key, signal);
    await send('i1', 'i2');
    expect(sink.taken).toEqual([]);
    expect(await written()).toEqual([]);
  });

  it('leaves to the others what it has no part in: a restart is no alert', async () => {
    const { send, sink } = await setUp([
      record('i1', 'unhealthy'),
      { ...common, id: 'i2', kind: 'restart', restartId: 'r' },
    ]);
    await send('i1', 'i2');
    expect(sink.taken).toEqual([]);
    expect(await left()).toEqual(['i2']);
  });
});

describe('an alert that SNS does not take', () => {
  const refusesRecovered = () => fakeAlertSink(({ subject }: Notice) => subject.includes('recovered'));

  it('stays pending and fails; what was taken before it is struck off', async () => {
    const intents = [record('i1', 'unhealthy'), alert('i2', 'unhealthy'), alert('i3', 'recovered')];
    const { send, sink, metrics } = await setUp(intents, refusesRecovered());
    await expect(send('i1', 'i2', 'i3')).rejects.toThrow('1 of 3 were not carried out');
    expect(sink.kinds()).toEqual(['unhealthy']);
    expect(await left()).toEqual(['i3']);
    expect(metrics.values).toEqual({ AlertsError: [1] });
  });

  it('is published when its message comes again', async () => {
    let isOpen = false;
    const { send, sink, clock } = await setUp(
      [alert('i1', 'recovered')],
      fakeAlertSink(() => !isOpen),
    );
    await expect(send('i1')).rejects.toThrow();
    isOpen = true;
    clock.pass(CLAIM_MS);
    await send('i1');
    expect(sink.kinds()).toEqual(['recovered']);
    expect(await left()).toEqual([]);
  });

  it('keeps none of the others waiting behind it', async () => {
    const { send } = await setUp([alert('i1', 'recovered'), record('i2', 'recovered')], refusesRecovered());
    await expect(send('i1', 'i2')).rejects.toThrow();
    expect(await left()).toEqual(['i1']);
    expect(await written()).toHaveLength(1);
  });
});

describe('the claim on an alert', () => {
  it('is written before the alert is published', async () => {
    let seen: unknown;
    const publish: AlertSink['publish'] = async () => void (seen = (await stateOf(stores)).intents);
    const { send } = await setUp([alert('i1', 'unhealthy'), record('i2', 'unhealthy')], undefined, {
      sink: { publish },
    });
    await send('i1', 'i2');
    expect(seen).toMatchObject([{ id: 'i1', claimedUntil: START + CLAIM_MS }, { id: 'i2' }]);
    expect(JSON.stringify(seen)).not.toMatch(/"id":"i2"[^}]*claimedUntil/);
  });

  it('of another invocation is respected until it ends', async () => {
    const claimed = { ...alert('i1', 'unhealthy'), claimedUntil: START + 5_000 };
    const { send, sink, clock } = await setUp([claimed, alert('i2', 'recovered')]);
    await expect(send('i1', 'i2')).rejects.toThrow('being sent by another invocation');
    expect(sink.taken).toEqual([]);
    expect(await left()).toEqual(['i1', 'i2']);
    clock.pass(CLAIM_MS);
    await send('i1', 'i2');
    expect(sink.kinds()).toEqual(['unhealthy', 'recovered']);
  });

  it('is needed for no record: writing one twice leaves one', async () => {
    const services: Stores['services'] = { ...stores.services };
    let writes = 0;
    services.saveState = async (...args) => {
      writes += 1;
      return await stores.services.saveState(...args);
    };
    const { send } = await setUp([record('i1', 'unhealthy')], undefined, { services });
    await send('i1');
    expect(writes).toBe(1);
  });
});
