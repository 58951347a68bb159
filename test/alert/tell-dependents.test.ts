// What an outage means for others: its alert names who is held, and whoever can work without it is warned once.
import { beforeEach, describe, expect, it } from 'vitest';

import type { AlertPorts } from '../../lambdas/alert/carry-out.ts';
import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import { freshFleet, type Surroundings } from '../../lambdas/core/model/fleet.ts';
import type { State } from '../../lambdas/core/model/state.ts';
import { targetsOf } from '../../lambdas/core/rounds/targets.ts';
import { changeService, noOutbox } from '../../lambdas/flow/change-service.ts';
import type { AlertSink } from '../../lambdas/ports/alerts.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { ecsStep, registration } from '../fakes/registrations.ts';
import { down } from '../make/event.ts';

const { signal } = new AbortController();
let stores: Stores;
beforeEach(() => void (stores = fakeStores(1)));

const key = (id: string) => ({ tenant: 'default', id });
async function on(id: string, service: string, essential: boolean, more: object = {}, state: Partial<State> = {}) {
  const document = registration({ id, dependsOn: [{ service, essential }], ...more });
  await stores.targets.point(document, targetsOf(document), signal);
  await put(stores, document, state);
}

/** Billing goes down, and all that is pending for it is carried out, as often as is said. */
async function outage(
  more: Partial<AlertPorts> = {},
  fleet: Surroundings = freshFleet,
  document: object = {},
  restartTimes: readonly number[] = [],
) {
  const billing = registration({ id: 'billing', policy: { failureThreshold: 1 }, ...document });
  await put(stores, billing, { restartTimes: [...restartTimes] });
  const set = probeSet({}, stores);
  const sink = fakeAlertSink();
  const messages: string[] = [];
  const publish: AlertSink['publish'] = async (notice, cut) => {
    await sink.publish(notice, cut);
    messages.push((JSON.parse(notice.json) as { message: string }).message);
  };
  const { timeline, targets } = stores;
  const ports: AlertPorts = { ...set.ports, outbox: noOutbox, timeline, targets, sink: { publish }, ...more };
  const seen = async (at: number, around: Surroundings) => {
    set.clock.set(at);
    await changeService(key('billing'), [down(at, { fleet: around })], set.ports, { correlationId: 'c1', signal });
  };
  const tell = async (id: string) => {
    const intentIds = (await stateOf(stores, id)).intents.map((intent) => intent.id);
    await sendAlert({ ...key(id), correlationId: 'c1', intentIds }, ports, signal);
  };
  await seen(set.clock.now() + 1, fleet);
  return { ...set, sink, messages, tell, seen, ports };
}
const warnings = async (id: string) =>
  (await stateOf(stores, id)).intents.flatMap((intent) => (intent.kind === 'alert' ? [intent.alert.message] : []));

describe('an outage', () => {
  it('names in its alert who is not restarted because of it', async () => {
    await on('shop', 'billing', true);
    await on('app', 'billing', true);
    await on('web', 'billing', false);
    const { messages, tell } = await outage();
    await tell('billing');
    expect(messages).toEqual([expect.stringMatching(/ While it is down, these are not restarted: app, shop\.$/)]);
  });

  it('names ten of them, and how many more there are', async () => {
    for (let index = 10; index < 22; index += 1) await on(`s${index}`, 'billing', true);
    const { messages, tell } = await outage();
    await tell('billing');
    expect(messages[0]).toMatch(/: s10, s11, .* s19 and 2 more\.$/);
  });

  it('says nothing of others where nobody depends on it, nor in alerts of other kinds', async () => {
    const { messages, tell } = await outage();
    await tell('billing');
    expect(messages[0]).not.toContain('While it is down');
  });

  it('is told all the same when nobody can be asked who depends on it', async () => {
    await on('shop', 'billing', true);
    const targets = { services: () => Promise.reject(new Error('throttled')) };
    const { sink, tell, log } = await outage({ targets });
    await expect(tell('billing')).rejects.toThrow('1 of 2'); // the record comes again
    expect(sink.kinds()).toEqual(['unhealthy']);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect((await stateOf(stores)).intents).toMatchObject([{ kind: 'record' }]);
  });

  it('is told and written down, and warns the others, when the item of one who depends on it cannot be decoded', async () => {
    await on('shop', 'billing', true);
    await on('web', 'billing', false);
    await on('app', 'billing', true);
    const read: typeof stores.services.read = async (one, cut) => {
      if (one.id === 'app') throw Object.assign(new Error('not decoded'), { isTransient: false });
      return await stores.services.read(one, cut);
    };
    const { messages, tell } = await outage({ services: { ...stores.services, read } });
    await tell('billing');
    expect(messages).toEqual([expect.stringMatching(/ While it is down, these are not restarted: shop\.$/)]);
    expect(await warnings('web')).toHaveLength(1);
    expect((await stateOf(stores)).intents).toEqual([]);
    const events = await stores.timeline.events(key('billing'), { limit: 5 }, signal);
    expect(events.map(({ kind }) => kind)).toEqual(['unhealthy']);
  });

  it('warns those who can work without it, once, however often it is carried out, and changes nothing else of them', async () => {
    await on('web', 'billing', false);
    const { tell, ports, queues } = await outage();
    const intentIds = (await stateOf(stores)).intents.map(({ id }) => id);
    const before = { ...ports, sink: { publish: () => Promise.reject(new Error('SNS is down')) } };
    await expect(sendAlert({ ...key('billing'), correlationId: 'c1', intentIds }, before, signal)).rejects.toThrow();
    await tell('billing').catch(() => undefined);
    expect(await warnings('web')).toEqual([
      'It depends on billing, which is down. It can work without, so it is not restarted.',
    ]);
    expect(await stateOf(stores, 'web')).toMatchObject({ health: 'healthy', totalRestarts: 0 });
    expect((await stateOf(stores, 'web')).restart).toBeUndefined();
    // Nothing was handed to a queue: the next round of the dependent does that.
    expect(queues.alert.messages.filter(({ body }) => 'id' in body && body.id === 'web')).toEqual([]);
  });

  it('warns also where its own alerts are off', async () => {
    await on('web', 'billing', false);
    const { tell, sink } = await outage({}, freshFleet, { alerts: { enabled: false } });
    await tell('billing');
    expect(sink.taken).toEqual([]);
    expect(await warnings('web')).toHaveLength(1);
  });

  it('that is part of a larger one warns nobody yet, and does once it is told', async () => {
    await on('web', 'billing', false);
    const storm: Surroundings = { restartsOn: true, storm: 'too much fails together' };
    const { tell, seen, clock, sink } = await outage({}, storm);
    await tell('billing');
    expect([await warnings('web'), sink.taken]).toEqual([[], []]);
    await seen(clock.now() + 60_000, freshFleet);
    await tell('billing');
    expect(await warnings('web')).toHaveLength(1);
    expect(sink.kinds()).toEqual(['unhealthy']);
  });

  it.each([
    ['', {}, ['restart_limit_exceeded']],
    [', also where its own alerts are off', { alerts: { enabled: false } }, []],
  ])('warns them when its used-up budget is the first that is told of it%s', async (_, alerts, kinds) => {
    await on('web', 'billing', false);
    await on('shop', 'billing', true);
    const storm: Surroundings = { restartsOn: true, storm: 'too much fails together' };
    const restart = { steps: [ecsStep], maxRestarts: 1 };
    const { tell, seen, clock, sink, messages } = await outage({}, storm, { restart, ...alerts }, [START]);
    await tell('billing');
    await seen(clock.now() + 60_000, freshFleet);
    await tell('billing');
    expect(sink.kinds()).toEqual(kinds);
    expect(messages.every((text) => text.endsWith(' While it is down, these are not restarted: shop.'))).toBe(true);
    expect(await warnings('web')).toHaveLength(1);
  });
});
