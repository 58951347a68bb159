// Alerts and state changes on their way to the event bus, beside the way to people: neither waits for the other, and
// what one of them has taken does not come to it again.
import { beforeEach, describe, expect, it } from 'vitest';

import type { AlertPorts } from '../../lambdas/alert/carry-out.ts';
import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import { CLAIM_MS } from '../../lambdas/alert/tell-ports.ts';
import type { QuietHours } from '../../lambdas/core/alerts/quiet-hours.ts';
import type { Intent } from '../../lambdas/core/model/intents.ts';
import { noOutbox } from '../../lambdas/flow/change-service.ts';
import type { AlertSink, EventBus } from '../../lambdas/ports/alerts.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeEventBus } from '../fakes/fake-event-bus.ts';
import { fakeQueues, fakeWindowQueue } from '../fakes/fake-ports.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { alert, key, record } from './pending.ts';

const { signal } = new AbortController();
const outage = [record('i1', 'unhealthy', 'healthy'), alert('i2', 'unhealthy'), record('i3', 'evidence')];
const ids = ['i1', 'i2', 'i3'];

let stores: Stores;
beforeEach(() => void (stores = fakeStores(1)));

async function setUp(intents: Intent[], more: Partial<AlertPorts> = {}) {
  await put(stores, registration({ project: 'erp' }), { intents });
  const set = probeSet({}, stores);
  const services: Stores['services'] = { ...stores.services };
  let writes = 0;
  services.saveState = async (...args) => {
    writes += 1;
    return await stores.services.saveState(...args);
  };
  const [bus, sink] = [fakeEventBus(), fakeAlertSink()];
  const { timeline, targets } = stores;
  const ports: AlertPorts = { ...set.ports, services, outbox: noOutbox, timeline, targets, sink, bus, ...more };
  const send = (...intentIds: string[]) => sendAlert({ ...key, correlationId: 'c1', intentIds }, ports, signal);
  return { ...set, sink, bus, send, writes: () => writes };
}
const left = async () => (await stateOf(stores)).intents.map(({ id, half }) => (half ? `${id} ${half}` : id));
const written = () => stores.timeline.events(key, { limit: 10 }, signal);
const typesOf = ({ taken }: ReturnType<typeof fakeEventBus>) => taken.map(({ type }) => type);

describe('the event bus', () => {
  it('hears of the alert and of the state change, in one call, and of no line that changes nothing', async () => {
    const { bus, sink, send, writes } = await setUp(outage);
    await send(...ids);
    expect(bus.calls).toBe(1);
    expect(typesOf(bus)).toEqual(['Lamplighter State Change', 'Lamplighter Alert']);
    expect(bus.taken.map(({ detail }) => JSON.parse(detail) as unknown)).toMatchObject([
      { from: 'healthy', to: 'unhealthy', kind: 'unhealthy', service: { ...key, project: 'erp' } },
      { kind: 'unhealthy', deduplicationKey: 'inc-1:unhealthy', service: key },
    ]);
    expect([sink.kinds(), await left()]).toEqual([['unhealthy'], []]);
    expect(writes(), 'the claim, and striking off').toBe(2);
  });

  it('is not asked where nothing is for it', async () => {
    const { bus, send } = await setUp([record('i1', 'evidence')]);
    await send('i1');
    expect([bus.calls, await left()]).toEqual([0, []]);
  });

  it('hears of it after people did', async () => {
    const order: string[] = [];
    const bus = { put: async () => (order.push('bus'), []) };
    const sink = { publish: async () => void order.push('people') };
    const { send } = await setUp([alert('i1', 'unhealthy'), alert('i2', 'recovered')], { bus, sink });
    await send('i1', 'i2');
    expect(order).toEqual(['people', 'people', 'bus']);
  });

  it('hears at once of an alert that waits for the end of quiet hours', async () => {
    const queue = fakeWindowQueue(fakeQueues(fakeClock()));
    const quietHours: QuietHours = { from: '00:00', to: '23:59', timeZone: 'UTC', levels: ['info', 'error'] };
    const grouping = { windows: stores.windows, queue, rules: { groupMs: 60_000, quietHours } };
    const { bus, sink, send } = await setUp([alert('i1', 'unhealthy'), alert('i2', 'degraded', 'info')], { grouping });
    await send('i1', 'i2');
    expect([sink.kinds(), bus.keys(), await left()]).toEqual([[], ['inc-1:unhealthy', 'inc-1:degraded'], []]);
  });
});

describe('a bus that does not take an entry', () => {
  it('keeps nobody waiting: people are told, once, and it comes again until it is taken', async () => {
    let isOpen = false;
    const bus = fakeEventBus(() => !isOpen);
    const { sink, send, clock, metrics } = await setUp(outage, { bus });
    await expect(send(...ids)).rejects.toThrow('2 of 3 were not carried out');
    expect([sink.kinds(), await left()]).toEqual([['unhealthy'], ['i1 told', 'i2 told']]);
    clock.pass(CLAIM_MS);
    await expect(send(...ids)).rejects.toThrow('2 of 2');
    isOpen = true;
    clock.pass(CLAIM_MS);
    await send(...ids);
    expect([sink.kinds(), typesOf(bus), await left()]).toEqual([
      ['unhealthy'],
      ['Lamplighter State Change', 'Lamplighter Alert'],
      [],
    ]);
    expect(metrics.values).toEqual({ AlertsError: [1] });
    expect(await written()).toHaveLength(2);
  });

  it('gets the rest of what it refused in part', async () => {
    let isOpen = false;
    const bus = fakeEventBus(({ type }) => !isOpen && type === 'Lamplighter Alert');
    const { send, clock } = await setUp(outage, { bus });
    await expect(send(...ids)).rejects.toThrow('1 of 3');
    expect(await left()).toEqual(['i2 told']);
    isOpen = true;
    clock.pass(CLAIM_MS);
    await send(...ids);
    expect([bus.taken.length, await left()]).toEqual([2, []]);
  });

  it('is not written down again at each try', async () => {
    const { send, writes } = await setUp([record('i1', 'unhealthy', 'healthy')], { bus: fakeEventBus(() => true) });
    await expect(send('i1')).rejects.toThrow();
    await expect(send('i1')).rejects.toThrow();
    expect(writes()).toBe(1);
  });

  it('keeps no new alert waiting for one that is being put on it at the same time', async () => {
    const [asked, answers] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let calls = 0;
    const put: EventBus['put'] = async (entries) => {
      calls += 1;
      if (calls === 1) {
        asked.resolve();
        await answers.promise;
      }
      return entries.map((entry) => ({ key: entry.key, reason: 'ServiceUnavailable' }));
    };
    const intents = [{ ...alert('i1', 'unhealthy'), half: 'told' } as const, alert('i2', 'restart_limit_exceeded')];
    const { sink, send, writes } = await setUp(intents, { bus: { put } });
    const slow = expect(send('i1')).rejects.toThrow('1 of 1');
    await asked.promise;
    expect(writes(), 'what people have is claimed by nobody').toBe(0);
    await expect(send('i1', 'i2')).rejects.toThrow('2 of 2');
    expect([sink.kinds(), await left()]).toEqual([['restart_limit_exceeded'], ['i1 told', 'i2 told']]);
    answers.resolve();
    await slow;
  });

  it('is given up after a day, which is logged, and the message is done', async () => {
    const { send, clock, log } = await setUp([record('i1', 'unhealthy', 'healthy')], { bus: fakeEventBus(() => true) });
    await expect(send('i1')).rejects.toThrow('1 of 1');
    clock.pass(86_400_000);
    await send('i1');
    expect(await left()).toEqual([]);
    expect(log.lines).toMatchObject([{ level: 'error', message: 'given up', details: { serviceId: 'billing' } }]);
  });

  it('is nothing to complain of when another delivery put it there meanwhile', async () => {
    const [asked, answers] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let calls = 0;
    const put: EventBus['put'] = async (entries) => {
      calls += 1;
      if (calls > 1) return [];
      asked.resolve();
      await answers.promise;
      return entries.map((entry) => ({ key: entry.key, reason: 'no answer a moment ago' }));
    };
    const { send, log } = await setUp([record('i1', 'unhealthy', 'healthy')], { bus: { put } });
    const late = send('i1');
    await asked.promise;
    await send('i1');
    answers.resolve();
    await late;
    expect([await left(), log.lines]).toEqual([[], []]);
  });

  it('is owed nothing any more once the deployment has none', async () => {
    const { sink, send } = await setUp([{ ...alert('i1', 'unhealthy'), half: 'told' }], { bus: undefined });
    await send('i1');
    expect([sink.kinds(), await left()]).toEqual([[], []]);
  });
});

describe('people who could not be told', () => {
  it('are told when the message comes again; the bus, which has it, is not', async () => {
    let isOpen = false;
    const sink = fakeAlertSink(() => !isOpen);
    const { bus, send, clock } = await setUp(outage, { sink });
    await expect(send(...ids)).rejects.toThrow('1 of 3');
    expect([bus.taken.length, await left()]).toEqual([2, ['i2 on_bus']]);
    isOpen = true;
    clock.pass(CLAIM_MS);
    await send(...ids);
    expect([sink.kinds(), bus.calls, await left()]).toEqual([['unhealthy'], 1, []]);
  });

  it('because SNS is silent keep no bus waiting: no more is begun than leaves time for it', async () => {
    let isSilent = true;
    let begun = 0;
    const taken = fakeAlertSink();
    const publish: AlertSink['publish'] = async (notice, ...args) => {
      if (!isSilent) return await taken.publish(notice, ...args);
      begun += 1;
      clock.pass(5_000);
      throw new Error('no answer');
    };
    const intents = [alert('i1', 'unhealthy'), alert('i2', 'restart_failed'), alert('i3', 'escalation')];
    const { bus, send, clock } = await setUp(intents, { sink: { publish } });
    await expect(send(...ids)).rejects.toThrow('3 of 3');
    expect([begun, bus.taken.length, await left()]).toEqual([2, 3, ['i1 on_bus', 'i2 on_bus', 'i3 on_bus']]);
    isSilent = false;
    clock.pass(CLAIM_MS);
    await send(...ids);
    expect([taken.kinds().length, bus.calls, await left()]).toEqual([3, 1, []]);
  });

  it('and a bus that took it neither: all of it comes again', async () => {
    let isOpen = false;
    const [sink, bus] = [fakeAlertSink(() => !isOpen), fakeEventBus(() => !isOpen)];
    const { send, clock } = await setUp([alert('i1', 'unhealthy')], { sink, bus });
    await expect(send('i1')).rejects.toThrow('1 of 1');
    expect(await left()).toEqual(['i1']);
    isOpen = true;
    clock.pass(CLAIM_MS);
    await send('i1');
    expect([sink.kinds(), bus.keys(), await left()]).toEqual([['unhealthy'], ['inc-1:unhealthy'], []]);
  });

  it('nor a timeline that could be written: the bus hears of the change all the same, and once', async () => {
    let isOpen = false;
    const append: Stores['timeline']['append'] = async (...args) => {
      if (!isOpen) throw new Error('no table');
      await stores.timeline.append(...args);
    };
    const timeline = { ...stores.timeline, append };
    const { bus, send } = await setUp([record('i1', 'recovered', 'unhealthy')], { timeline });
    await expect(send('i1')).rejects.toThrow();
    isOpen = true;
    await send('i1');
    expect([bus.taken.length, (await written()).length, await left()]).toEqual([1, 1, []]);
  });
});
