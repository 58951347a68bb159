import { beforeEach, describe, expect, it } from 'vitest';

import { RestartError } from '../../lambdas/adapters/restart-error.ts';
import { advance } from '../../lambdas/core/health/advance.ts';
import type { Probed, ServiceEvent } from '../../lambdas/core/model/events.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { freshState, type State } from '../../lambdas/core/model/state.ts';
import { changeService } from '../../lambdas/flow/change-service.ts';
import type { Outbox } from '../../lambdas/ports/queues.ts';
import type { Restarter } from '../../lambdas/ports/restarter.ts';
import { LEASE_MS } from '../../lambdas/restart/carry-out.ts';
import type { RestartPorts } from '../../lambdas/restart/restart-run.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeRestartQueue } from '../fakes/fake-ports.ts';
import { restartWorld } from '../fakes/fake-restarter.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';
import { down, up } from '../make/event.ts';

const { signal } = new AbortController();
const key = { tenant: 'default', id: 'billing' };
const document = registration({ restart: { steps: [ssmStep] } });
let stores: Stores;
let restartId: string;

/** A person has asked for a restart, and its order waits to be carried out. */
beforeEach(async () => {
  stores = fakeStores(1);
  const ask = { kind: 'requested', by: 'ann', reason: 'stuck', force: false } as const;
  const { state } = advance(toService(document), freshState(START), ask, START);
  restartId = state.restart!.id;
  await stores.services.register(document, state, START, signal);
});

function setUp(more: Partial<Restarter> = {}, ports: Partial<RestartPorts> = {}) {
  const set = probeSet({}, stores);
  const world = restartWorld(set.clock);
  const ssm = { ...world.restarters.ssm, ...more };
  const all: RestartPorts = {
    ...set.ports,
    ...{ restarters: { ...world.restarters, ssm }, queue: fakeRestartQueue(set.queues), targets: stores.targets },
    ...ports,
  };
  const step = (id = restartId) => restartStep({ ...key, correlationId: 'c1', restartId: id }, all, signal);
  const delays = () => set.queues.restart.messages.map(({ visibleAt }) => (visibleAt - set.clock.now()) / 1000);
  return { ...set, ...world, step, delays };
}
const restartOf = async () => (await stateOf(stores)).restart!;
const recordsOf = async () =>
  (await stateOf(stores)).intents.flatMap((intent) => (intent.kind === 'record' ? [intent.record.kind] : []));

describe('a restart', () => {
  it('is begun, sent once and looked after: what stood there before is noted first', async () => {
    const { step, orders, delays } = setUp();
    await step();
    expect(orders).toMatchObject([{ restartId: `${restartId}-a0`, kind: 'ssm' }]);
    expect(await restartOf()).toMatchObject({
      ...{ phase: 'restarting', before: 'handle-0', handle: 'handle-1', begunAt: START, sentAt: START },
    });
    expect((await restartOf()).leaseUntil).toBeUndefined();
    expect(delays()).toEqual([1]);
    expect(await recordsOf()).toEqual(['restart_ordered', 'restart_begun', 'evidence', 'restart_sent']);
  });

  it('is written down as begun before it is sent', async () => {
    let seen: unknown;
    const send: Restarter['send'] = async (_step, order) => {
      seen = { order, restart: await restartOf() };
      return 'handle-1';
    };
    await setUp({ send }).step();
    expect(seen).toMatchObject({
      order: { restartId: `${restartId}-a0`, begunAt: START, before: 'handle-0', reason: 'stuck' },
      restart: { phase: 'restarting', leaseUntil: START + LEASE_MS },
    });
  });

  it('is asked about until something else stands there, then left to be verified', async () => {
    const { step, clock, queues, delays } = setUp();
    await step();
    queues.restart.messages.length = 0;
    clock.pass(1_000);
    await step();
    expect(delays()).toEqual([2]);
    clock.pass(4_000);
    await step();
    expect(delays()).toHaveLength(1);
    expect(await restartOf()).toMatchObject({ phase: 'verifying', identity: 'handle-1' });
  });

  it.each([
    { after: 29, delay: 2 },
    { after: 30, delay: 5 },
    { after: 119, delay: 5 },
    { after: 120, delay: 15 },
  ])('is asked about again $delay s later when it was sent $after s ago', async ({ after, delay }) => {
    const { step, clock, queues, delays } = setUp({ look: async () => ({ kind: 'running', detail: 'busy' }) });
    await step();
    queues.restart.messages.length = 0;
    clock.pass(after * 1000);
    await step();
    expect(delays()).toEqual([delay]);
  });

  it('gives a sign of life while it runs, so that nobody takes it for forgotten', async () => {
    const { step, clock } = setUp({ look: async () => ({ kind: 'running', detail: 'busy' }) });
    await step();
    clock.pass(40_000);
    await step();
    expect((await restartOf()).touchedAt).toBe(START + 40_000);
  });

  it('that fails is failed with its reason and its output', async () => {
    const look: Restarter['look'] = async () => ({ kind: 'failed', reason: 'exit 1', output: 'no unit' });
    const { step, queues, clock } = setUp({ look });
    await step();
    queues.restart.messages.length = 0;
    clock.pass(1_000);
    await step();
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'exit 1', output: 'no unit' });
    expect(queues.restart.messages).toEqual([]);
  });

  it('that must not be is held: nothing is sent and the order is taken back', async () => {
    const { step, orders } = setUp({ inspect: async () => ({ kind: 'refused', reason: 'scaled to zero' }) });
    await step();
    expect(orders).toEqual([]);
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: 'held: scaled to zero' });
    expect((await stateOf(stores)).restartTimes).toEqual([]);
  });

  it.each(['another restart', 'a restart that is over', 'a service that is gone'])(
    'is not begun for %s',
    async (whose) => {
      const { step, orders } = setUp({ inspect: async () => ({ kind: 'refused', reason: 'scaled to zero' }) });
      if (whose === 'a restart that is over') await step();
      if (whose === 'a service that is gone') await stores.services.remove(key, signal);
      const working = setUp();
      await working.step(whose === 'another restart' ? 'rst-other' : restartId);
      expect([...orders, ...working.orders]).toEqual([]);
      expect(working.queues.restart.messages).toEqual([]);
    },
  );
});

describe('the message of a restart', () => {
  /** Looks for a minute at a restart that goes on and on; says at which seconds it was asked after. */
  async function asked(timesDelivered: (index: number) => number) {
    const at: number[] = [];
    const running: Restarter['look'] = async () => (
      at.push((clock.now() - START) / 1000),
      { kind: 'running', detail: '' }
    );
    const { step, clock, queues } = setUp({ look: running });
    await step();
    const { messages } = queues.restart;
    for (let delivered = 0; clock.now() < START + 60_000; clock.pass(500)) {
      const due = messages.filter(({ visibleAt }) => visibleAt <= clock.now());
      messages.splice(0, messages.length, ...messages.filter((message) => !due.includes(message)));
      for (const _ of due) for (let times = timesDelivered(delivered++); times > 0; times -= 1) await step();
    }
    return { at, left: messages.length };
  }

  it.each([
    ['the first one', (index: number) => (index === 0 ? 2 : 1)],
    ['one in the middle, three times', (index: number) => (index === 7 ? 3 : 1)],
    ['every one', () => 2],
  ])('that is delivered twice asks no more often than one: %s', async (_, timesDelivered) => {
    const once = await asked(() => 1);
    expect(once.at.slice(0, 4)).toEqual([1, 3, 5, 7]);
    await stores.services.remove(key, signal);
    const ask = { kind: 'requested', by: 'ann', reason: 'stuck', force: false } as const;
    await stores.services.register(
      document,
      advance(toService(document), freshState(START), ask, START).state,
      START,
      signal,
    );
    expect(await asked(timesDelivered)).toEqual(once);
    expect(once.left).toBe(1);
  });

  it('that is delivered twice at the same moment is followed by one', async () => {
    const { step, clock, queues, delays } = setUp({ look: async () => ({ kind: 'running', detail: 'busy' }) });
    await step();
    queues.restart.messages.length = 0;
    clock.pass(1_000);
    await Promise.all([step(), step()]);
    expect(delays()).toEqual([2]);
  });

  it('that comes long before its time asks nothing, and half a second early is early enough', async () => {
    let asks = 0;
    const look: Restarter['look'] = async () => ((asks += 1), { kind: 'running', detail: 'busy' });
    const { step, clock } = setUp({ look });
    await step();
    clock.pass(499);
    await step();
    expect(asks).toBe(0);
    clock.pass(1);
    await step();
    expect(asks).toBe(1);
  });
});

describe('what is to be sent', () => {
  it('is what the inspection right before has found, whatever an earlier one had', async () => {
    const pins: (string | undefined)[] = [];
    const send: Restarter['send'] = async (_step, { pin }) => {
      pins.push(pin);
      if (pins.length === 1) throw new RestartError('cut off', { isTransient: true });
      return 'handle-1';
    };
    const inspects = (pin: string) => ({ send, inspect: async () => ({ kind: 'ready', identity: '', pin }) as const });
    await expect(setUp(inspects('7')).step()).rejects.toThrow('cut off');
    const later = setUp(inspects('8'));
    later.clock.pass(LEASE_MS);
    await later.step();
    expect(pins).toEqual(['7', '8']);
  });
});

describe('a restart that was cut off', () => {
  const cutOff = async (isSent: boolean) => {
    const { step, orders, restarters, clock } = setUp();
    const send: Restarter['send'] = async (...args) => {
      if (isSent) await restarters.ssm.send(...args);
      throw new RestartError('cut off', { isTransient: true });
    };
    const dying = setUp({ send });
    await expect(dying.step()).rejects.toThrow('cut off');
    return { step, orders, clock };
  };

  it('is left alone while another invocation holds the lease, and comes again later', async () => {
    await cutOff(false);
    const { step, orders, delays, clock } = setUp();
    clock.pass(LEASE_MS - 1);
    await step();
    expect(orders).toEqual([]);
    expect(delays()).toEqual([2]);
  });

  it('is sent when it had not been sent', async () => {
    const { step, orders, clock } = await cutOff(false);
    clock.pass(LEASE_MS);
    await step();
    expect(orders).toHaveLength(1);
    expect(await restartOf()).toMatchObject({ handle: 'handle-1', before: 'handle-0', begunAt: START });
    expect(await recordsOf()).toContain('restart_sent');
  });

  it('is looked after from when it was sent, not from when somebody who died had begun it', async () => {
    await cutOff(false);
    const seen: unknown[] = [];
    const look: Restarter['look'] = async (_step, order) => {
      seen.push(order);
      return { kind: 'running', detail: 'on its way' };
    };
    const later = setUp({ look });
    later.clock.pass(120_000);
    await later.step();
    later.clock.pass(1_000);
    await later.step();
    expect(seen).toMatchObject([{ handle: 'handle-1', begunAt: START, sentAt: START + 120_000 }]);
  });

  it.each<[string, ServiceEvent]>([
    ['it answers again', up(START + 60_000)],
    ['it is paused by jane', { kind: 'paused', by: 'jane' }],
  ])('is not sent any more by whoever takes over when %s by then', async (reason, event) => {
    const downs = [2, 1, 0].map((minutes) => down(START - minutes * 60_000));
    const seen = (state: State, one: Probed) => advance(toService(document), state, one, one.beat).state;
    const state = downs.reduce(seen, { ...freshState(0), health: 'healthy' });
    stores = fakeStores(1);
    restartId = state.restart!.id;
    await stores.services.register(document, state, START, signal);
    await cutOff(false);
    const { step, orders, clock, ports } = setUp();
    clock.pass(90_000);
    await changeService(key, [event], ports, { correlationId: 'c1', signal });
    await step();
    expect(orders).toEqual([]);
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: `held: ${reason}` });
    expect((await stateOf(stores)).restartTimes).toEqual([]);
  });

  it('is adopted when it had been sent', async () => {
    const { step, orders, clock } = await cutOff(true);
    clock.pass(LEASE_MS);
    await step();
    expect(orders).toHaveLength(1);
    expect(await restartOf()).toMatchObject({ handle: 'handle-1', before: 'handle-0' });
    expect(await recordsOf()).toContain('restart_adopted');
  });
});

describe('a fault on the way of a restart', () => {
  const broken = (isTransient: boolean) => () => Promise.reject(new RestartError('AWS says no', { isTransient }));

  it.each(['inspect', 'send'] as const)('that may pass lets the message come again (%s)', async (method) => {
    await expect(setUp({ [method]: broken(true) }).step()).rejects.toThrow('AWS says no');
    expect((await restartOf()).phase).not.toBe('failed');
  });

  it.each(['inspect', 'send'] as const)('that will not pass fails the restart (%s)', async (method) => {
    await setUp({ [method]: broken(false) }).step();
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'AWS says no' });
  });

  it('in looking for an order that may have been sent fails the restart only if it will not pass', async () => {
    await expect(setUp({ send: broken(true) }).step()).rejects.toThrow();
    for (const [index, isTransient] of [true, false].entries()) {
      const { step, clock, orders } = setUp({ find: broken(isTransient) });
      clock.pass((index + 1) * LEASE_MS); // each that begins takes a new lease
      if (isTransient) await expect(step()).rejects.toThrow('AWS says no');
      else await step();
      expect(orders).toEqual([]);
    }
    expect((await restartOf()).phase).toBe('failed');
  });

  it('in looking after it fails the restart only if it will not pass', async () => {
    await setUp().step();
    const later = (isTransient: boolean) => {
      const { step, clock } = setUp({ look: broken(isTransient) });
      clock.pass(1_000);
      return step();
    };
    await expect(later(true)).rejects.toThrow('AWS says no');
    expect((await restartOf()).phase).toBe('restarting');
    await later(false);
    expect((await restartOf()).phase).toBe('failed');
  });

  it('of a queue never fails a restart, however lasting it is', async () => {
    const hand: Outbox['hand'] = () => Promise.reject(Object.assign(new Error('AccessDenied'), { isTransient: false }));
    await expect(setUp({}, { outbox: { hand } }).step()).rejects.toThrow('AccessDenied');
    expect((await restartOf()).phase).toBe('restarting');
  });
});

describe('an order that lay in its queue for an hour, while no round ran', () => {
  it('is not sent: it has failed, and whoever needs it asks again', async () => {
    const { step, orders, clock, delays } = setUp();
    clock.pass(3_600_000);
    await step();
    expect(orders).toEqual([]);
    expect(delays()).toEqual([]);
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'nobody carried the order out' });
  });
});

describe('an order that somebody died with before sending it', () => {
  it('is not sent any more when it must not be by now', async () => {
    const dying = setUp({ send: () => Promise.reject(new Error('died')) });
    await expect(dying.step()).rejects.toThrow('died');
    const refused = { kind: 'refused', reason: 'scaled to zero on purpose' } as const;
    const later = setUp({ inspect: async () => refused, find: async () => undefined });
    later.clock.pass(LEASE_MS);
    await later.step();
    expect(later.orders).toEqual([]);
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'scaled to zero on purpose' });
  });
});

describe('an order of an earlier restart', () => {
  it('is handed to whoever looks at what stands there', async () => {
    const seen: (string | undefined)[] = [];
    const stored = (await stores.services.read(key, signal))!;
    const { restart } = stored.state;
    await stores.services.saveState(
      stored,
      { ...stored.state, restart: { ...restart!, priorHandle: 'ecs-svc/1' } },
      signal,
    );
    const { step } = setUp({
      inspect: async (_step, _signal, priorHandle) => {
        seen.push(priorHandle);
        return { kind: 'ready', identity: 'x' };
      },
    });
    await step();
    expect(seen).toEqual(['ecs-svc/1']);
  });
});

describe('a restart for which there is no slot', () => {
  const full = async () => {
    const of = registration({ id: 'other', restart: { steps: [ssmStep] } });
    const ask = { kind: 'requested', by: 'ann', reason: 'stuck', force: false } as const;
    const { state } = advance(toService(of), freshState(START), ask, START);
    await stores.services.register(of, state, START, signal);
    const slot = { restartId: state.restart!.id, tenant: 'default', id: 'other', until: START + 3_600_000 };
    await stores.fleet.takeSlot(slot, 1, START, signal);
    return { of, slot };
  };

  it('waits in its queue, asks nothing of AWS, and is sent once the other is over', async () => {
    const { of } = await full();
    const { step, orders, delays, clock } = setUp({}, { maxRestarts: 1 });
    await step();
    await step();
    expect(orders).toEqual([]);
    expect(delays()).toEqual([15]);
    const waitsFor = 'as many restarts are under way in the fleet as may be: 1';
    expect(await restartOf()).toMatchObject({ phase: 'preparing', waitsFor });
    clock.pass(15_000);
    await stores.services.remove(of, signal);
    await step();
    expect(orders).toHaveLength(1);
    expect((await stores.fleet.slots(signal)).taken.map(({ restartId: of }) => of)).toEqual([restartId]);
  });

  it('is taken back when a storm has come meanwhile', async () => {
    await full();
    const stored = (await stores.services.read(key, signal))!;
    const automatic = { ...stored.state.restart!, trigger: 'automatic' as const };
    await stores.services.saveState(stored, { ...stored.state, restart: automatic }, signal);
    const storm = { id: 's1', group: 'fleet', services: 9, failing: 9, openedAt: START, lastSeenAt: START };
    await stores.storms.save({ version: 1, storms: [storm] }, signal);
    const { step, orders, delays } = setUp({}, { maxRestarts: 1 });
    await step();
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: expect.stringContaining('storm: 9 of 9') });
    expect([orders, delays()]).toEqual([[], []]);
  });
});
