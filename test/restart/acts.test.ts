// The acts of a restart as the restart function carries them out: what is asked of whom, in which order, and once.
import { beforeEach, describe, expect, it } from 'vitest';

import { RestartError } from '../../lambdas/adapters/restart-error.ts';
import { advance } from '../../lambdas/core/health/advance.ts';
import type { RestartStep } from '../../lambdas/core/model/restart-spec.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { currentAct } from '../../lambdas/core/restart/restart-plan.ts';
import { changeService } from '../../lambdas/flow/change-service.ts';
import type { Restarter } from '../../lambdas/ports/restarter.ts';
import { LEASE_MS } from '../../lambdas/restart/carry-out.ts';
import type { RestartPorts } from '../../lambdas/restart/restart-run.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeRestartQueue } from '../fakes/fake-ports.ts';
import { restartWorld } from '../fakes/fake-restarter.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, stateOf } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { everything, mainStep } from '../make/acts.ts';

const { signal } = new AbortController();
const key = { tenant: 'default', id: 'billing' };
let stores: Stores;
let restartId: string;
beforeEach(() => void (stores = fakeStores(1)));

const purpose = (step: RestartStep) =>
  step.kind === 'ecs' ? step.action : (step.parameters['restartScript'] ?? '').replace(/.*\/|\.sh$/g, '');

/** A person has asked for a restart of a service with this policy; every call of the restarters is noted. */
async function ordered(policy: object, more: Partial<Restarter> = {}, failing = 0) {
  const document = registration({ restart: { steps: [mainStep], ...policy } });
  const ask = { kind: 'requested', by: 'ann', reason: 'stuck', force: false } as const;
  const { state } = advance(toService(document), freshState(START), ask, START);
  restartId = state.restart!.id;
  await stores.services.register(document, state, START, signal);
  return setUp(more, failing);
}

function setUp(more: Partial<Restarter> = {}, failing = 0) {
  const set = probeSet({}, stores);
  const world = restartWorld(set.clock, failing, ({ kind }) => kind === 'ecs');
  const calls: string[] = [];
  const noted = (restarter: Restarter): Restarter => {
    const all: Restarter = { ...restarter, ...more };
    const note = (name: string, step: RestartStep) => void calls.push(`${name} ${purpose(step)}`);
    return {
      inspect: (step, ...rest) => (note('inspect', step), all.inspect(step, ...rest)),
      evidence: (step, ...rest) => (note('evidence', step), all.evidence(step, ...rest)),
      find: (step, ...rest) => (note('find', step), all.find(step, ...rest)),
      send: (step, ...rest) => (note('send', step), all.send(step, ...rest)),
      look: (step, ...rest) => (note('look', step), all.look(step, ...rest)),
    };
  };
  const restarters = { ecs: noted(world.restarters.ecs), ssm: noted(world.restarters.ssm) };
  const ports: RestartPorts = {
    ...set.ports,
    ...{ restarters, queue: fakeRestartQueue(set.queues), targets: stores.targets },
  };
  const step = () => restartStep({ ...key, correlationId: 'c1', restartId }, ports, signal);
  /** Begins the present act, and follows it to its end. */
  const act = async () => {
    await step();
    set.clock.pass(5_000);
    await step();
  };
  return { ...set, ...world, ports, calls, step, act };
}
const restartOf = async () => (await stateOf(stores)).restart!;
const actOf = async () => currentAct(await restartOf()).kind;
const evidenceOf = async () =>
  (await stateOf(stores)).intents.flatMap((intent) =>
    intent.kind === 'record' && intent.record.kind === 'evidence' ? [intent.record.message] : [],
  );
const { drain: _, ...undrained } = everything;
const refusing =
  (wanted: string): Restarter['inspect'] =>
  async (step) =>
    purpose(step) === wanted ? { kind: 'refused', reason: 'must not be' } : { kind: 'ready', identity: 'old' };

describe('the acts of a restart', () => {
  it('are carried out one after the other, each with an order of its own', async () => {
    const { act, orders, queues } = await ordered(undrained);
    for (const kind of ['before', 'validate', 'backup', 'restart', 'after']) {
      expect(await actOf()).toBe(kind);
      queues.restart.messages.length = 0;
      await act();
    }
    expect(orders.map(({ step, restartId: id }) => `${purpose(step)} ${id.replace(restartId, '')}`)).toEqual([
      ...['before -a0', 'validate -a1', 'backup -a2', 'redeploy -a3', 'after -a4'],
    ]);
    expect((await restartOf()).phase).toBe('verifying');
  });

  it('begin with a look at the restart itself, then at the act that is sent', async () => {
    const { step, calls, act } = await ordered(undrained);
    await step();
    expect(calls).toEqual(['inspect redeploy', 'inspect before', 'evidence redeploy', 'send before']);
    calls.length = 0;
    await act(); // follows the hook to its end
    await step();
    expect(calls).toEqual(['look before', 'inspect validate', 'send validate']);
  });

  it.each(['redeploy', 'before'])('are held, and nothing is sent, while %s must not be', async (wanted) => {
    const { step, orders } = await ordered(undrained, { inspect: refusing(wanted) });
    await step();
    expect(orders).toEqual([]);
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: 'held: must not be' });
    expect((await stateOf(stores)).restartTimes).toEqual([]);
  });

  it('fail where the next one must not be any more, once something was done, and that is undone', async () => {
    const { act, step, orders } = await ordered(undrained, { inspect: refusing('validate') });
    await act();
    await step();
    expect(orders).toHaveLength(1);
    const failure = 'RESTART_004 validate failed: must not be';
    expect(await restartOf()).toMatchObject({ phase: 'recovering', failure });
    await act();
    await step(); // a message that comes late
    expect(orders.map(({ step: sent, restartId: id }) => `${purpose(sent)} ${id.replace(restartId, '')}`)).toEqual([
      ...['before -a0', 'after -r0'],
    ]);
    expect(await restartOf()).toMatchObject({
      phase: 'failed',
      outcome: `${failure}; what was done before it is undone`,
    });
  });

  it('fail where nothing undoes what was done', async () => {
    const { act, step } = await ordered({ ...undrained, after: undefined }, { inspect: refusing('validate') });
    await act();
    await step();
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'RESTART_004 validate failed: must not be' });
  });

  it.each<[string, Partial<Restarter>]>([
    ['is refused for good', { send: () => Promise.reject(new RestartError('no such task', { isTransient: false })) }],
    ['must not be sent any more, by whoever finds that it was not', { inspect: refusing('redeploy') }],
  ])('are undone where the step was begun and %s', async (_, more) => {
    const fine = await ordered({ before: everything.before, after: everything.after, rollback: everything.rollback });
    await fine.act();
    const dying = () => Promise.reject(new RestartError('cut off', { isTransient: true }));
    await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
    const late = setUp({ find: async () => undefined, ...more });
    late.clock.pass(LEASE_MS);
    await late.step();
    expect(await restartOf()).toMatchObject({ phase: 'recovering', acts: [{ kind: 'after' }] });
    const last = setUp();
    last.clock.pass(LEASE_MS);
    await last.act();
    expect([...late.orders, ...last.orders].map(({ step }) => purpose(step))).toEqual(['after']);
    expect(await restartOf()).toMatchObject({ phase: 'failed' });
    expect((await stateOf(stores)).totalRestarts).toBe(0);
  });

  const refusedBySsm = () =>
    Promise.reject(new RestartError('the host is stopping', { isTransient: false, isRefusal: true }));

  it('are held where AWS refuses the first of them, for then nothing was sent', async () => {
    const { step } = await ordered(undrained, { send: refusedBySsm });
    await step();
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: 'held: the host is stopping' });
    expect((await stateOf(stores)).restartTimes).toEqual([]);
  });

  it('are undone and held where AWS refuses the restart itself', async () => {
    const fine = await ordered({ before: everything.before, after: everything.after });
    await fine.act();
    await setUp({ send: refusedBySsm }).step();
    expect(await restartOf()).toMatchObject({ phase: 'recovering', held: 'the host is stopping' });
    await setUp().act();
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: 'held: the host is stopping' });
  });

  it('have failed where AWS refuses one behind the restart, which was sent', async () => {
    const fine = await ordered({ after: everything.after });
    await fine.act();
    await setUp({ send: refusedBySsm }).step();
    expect(await restartOf()).toMatchObject({
      phase: 'failed',
      outcome: expect.stringContaining('the host is stopping'),
    });
  });

  it('are undone and held where the restart itself must not be by then', async () => {
    const fine = await ordered({ before: everything.before, after: everything.after });
    await fine.act();
    const { act, step, orders, calls } = setUp({ inspect: refusing('redeploy') });
    await step();
    expect(orders).toEqual([]);
    expect(await restartOf()).toMatchObject({ phase: 'recovering', held: 'must not be' });
    await act();
    expect(calls.filter((call) => call.startsWith('send'))).toEqual(['send after']);
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: 'held: must not be' });
    expect((await stateOf(stores)).restartTimes).toEqual([]);
  });

  it('of an automatic restart ask once more what is around it, after hook and drain', async () => {
    const { act } = await ordered({ before: everything.before, after: everything.after });
    await act();
    const stored = (await stores.services.read(key, signal))!;
    const automatic = { ...stored.state.restart!, trigger: 'automatic' as const };
    await stores.services.saveState(stored, { ...stored.state, restart: automatic }, signal);
    const storm = { id: 's1', group: 'fleet', services: 9, failing: 9, openedAt: START, lastSeenAt: START };
    await stores.storms.save({ version: 1, storms: [storm] }, signal);
    const late = setUp();
    await late.step();
    expect(late.orders).toEqual([]);
    await late.step();
    await late.step(); // a message that comes twice
    expect(late.orders.map(({ step }) => purpose(step))).toEqual(['after']);
    expect(await restartOf()).toMatchObject({ held: 'storm: 9 of 9 services of the fleet failed together' });
  });

  it('are left to the prober where requests are waited for', async () => {
    const { step, orders, calls, queues } = await ordered({ drain: everything.drain });
    await step();
    expect(calls).toEqual(['inspect redeploy']);
    expect(orders).toEqual([]);
    expect((await restartOf()).phase).toBe('waiting_requests');
    expect(queues.probe.messages.map(({ body }) => body)).toMatchObject([{ kind: 'check', id: 'billing' }]);
    await step(); // a message that comes late
    expect([calls.length, queues.restart.messages.length]).toEqual([1, 0]);
  });

  it('are followed on the way back too, with the orders of that', async () => {
    const { act, orders } = await ordered(
      { configuration: everything.configuration, rollback: everything.rollback },
      {},
      1,
    );
    for (const phase of ['preparing', 'preparing', 'restarting', 'recovering', 'recovering']) {
      expect((await restartOf()).phase).toBe(phase);
      await act();
    }
    expect(orders.slice(3).map(({ step, restartId: id }) => `${purpose(step)} ${id.replace(restartId, '')}`)).toEqual([
      ...['restore -r0', 'rollback -r1'],
    ]);
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'the tasks did not start; it was taken back' });
  });

  it('look at what stands there knowing of the order of this very restart, once there is one', async () => {
    const seen: (string | undefined)[] = [];
    const inspect: Restarter['inspect'] = async (step, _signal, prior) => {
      if (step.kind === 'ecs') seen.push(prior);
      return { kind: 'ready', identity: 'old' };
    };
    const { act } = await ordered({ rollback: everything.rollback }, { inspect }, 1);
    await act();
    await act();
    expect(seen).toEqual([undefined, 'handle-1']);
  });
});

describe('an act whose invocation was cut off', () => {
  const dying = () => Promise.reject(new RestartError('cut off', { isTransient: true }));

  it('is looked for under its own order, and adopted', async () => {
    const { act } = await ordered(undrained);
    await act();
    const sent = setUp();
    const send: Restarter['send'] = async (...args) => {
      await sent.restarters.ssm.send(...args);
      return await dying();
    };
    const { step } = setUp({ send });
    await expect(step()).rejects.toThrow('cut off');
    const later = setUp({ find: sent.restarters.ssm.find });
    later.clock.pass(LEASE_MS + 5_000);
    await later.step();
    expect(later.orders).toEqual([]);
    expect(later.calls).toEqual(['inspect validate', 'find validate']);
    expect(await restartOf()).toMatchObject({ actIndex: 1, handle: 'handle-1' });
  });

  it.each([
    ['find', 'recovering'],
    ['inspect', 'recovering'],
    ['send', 'failed'],
  ] as const)(
    'is taken back where it may have been sent and nobody may find out: %s is denied',
    async (method, phase) => {
      await ordered({ rollback: everything.rollback });
      await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
      const denied = () => Promise.reject(new RestartError('denied', { isTransient: false }));
      const { step, clock, orders } = setUp({ find: async () => undefined, [method]: denied });
      clock.pass(LEASE_MS);
      await step();
      expect(orders).toEqual([]);
      expect((await restartOf()).phase).toBe(phase);
      if (phase === 'recovering') expect(await actOf()).toBe('rollback');
    },
  );

  it('the first of a restart is not taken back where nobody may find out about it: nothing was restarted', async () => {
    await ordered({ before: everything.before, rollback: everything.rollback });
    await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
    const denied = () => Promise.reject(new RestartError('denied', { isTransient: false }));
    const { step, clock } = setUp({ find: denied });
    clock.pass(LEASE_MS);
    await step();
    expect(await restartOf()).toMatchObject({ phase: 'failed', outcome: 'the before hook failed: denied' });
  });

  it('is not sent by anybody else while it has the lease', async () => {
    await ordered(undrained);
    await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
    const { step, orders, queues } = setUp();
    await step();
    expect(orders).toEqual([]);
    expect(queues.restart.messages).toHaveLength(1);
  });

  it('is neither looked for nor sent once its time is over; nobody comes back for it', async () => {
    await ordered(undrained);
    await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
    const { step, calls, clock, queues } = setUp();
    clock.pass(900_000);
    await step();
    expect([calls, queues.restart.messages]).toEqual([[], []]);
  });
});

describe('a report that comes late', () => {
  it('of one act says nothing of the next', async () => {
    const { step, clock } = await ordered(undrained);
    await step();
    const look: Restarter['look'] = async () => {
      const other = setUp({ look: async () => ({ kind: 'changed', identity: 'new', detail: 'done' }) });
      other.clock.pass(5_000);
      await other.step();
      return { kind: 'failed', reason: 'seen from the side' };
    };
    expect(clock.now()).toBe(START);
    const slow = setUp({ look });
    slow.clock.pass(5_000);
    await slow.step();
    expect(await restartOf()).toMatchObject({ phase: 'preparing', actIndex: 1 });
  });
});

describe('a restart that a person takes back', () => {
  const { before, after, configuration } = everything;
  const around = { before, after, configuration };
  const cancel = async () => {
    const { clock, ports } = setUp();
    const event = { kind: 'cancelled', by: 'bob' } as const;
    await changeService(key, [event], { ...ports, clock }, { correlationId: 'c2', signal });
  };
  const dying = () => Promise.reject(new RestartError('cut off', { isTransient: true }));
  const purposes = (orders: ReturnType<typeof setUp>['orders']) =>
    orders.map(({ step, restartId: id }) => `${purpose(step)} ${id.replace(restartId, '')}`);
  const isOver = async () => {
    expect(await restartOf()).toMatchObject({ phase: 'cancelled', outcome: 'cancelled by bob' });
    expect(await stateOf(stores)).toMatchObject({ restartTimes: [], totalRestarts: 0 });
  };

  it('while its hook runs waits for that, sends what undoes it, and nothing else', async () => {
    const { step, act, clock, orders } = await ordered(around);
    await step();
    await cancel();
    expect(await restartOf()).toMatchObject({ phase: 'preparing', cancelledBy: 'bob' });
    clock.pass(5_000);
    await step(); // the hook has ended
    await cancel(); // once more is the same
    await act();
    await step(); // a message that comes late
    expect(purposes(orders)).toEqual(['before -a0', 'after -r0']);
    await isOver();
  });

  it('just before the next act is begun is begun no more', async () => {
    const { act } = await ordered(around);
    await act();
    const inspect: Restarter['inspect'] = async () => (await cancel(), { kind: 'ready', identity: 'old' });
    const late = setUp({ inspect });
    await late.step();
    expect(late.orders).toEqual([]);
    const next = setUp();
    await next.act();
    expect(purposes(next.orders)).toEqual(['after -r0']);
    await isOver();
  });

  it('between the beginning and the sending of an act lets that go out, and undoes what was done behind it', async () => {
    const { act } = await ordered(around);
    await act();
    const sender = setUp({ evidence: async () => undefined });
    const send: Restarter['send'] = async (...args) => (await cancel(), await sender.restarters.ssm.send(...args));
    await setUp({ send }).step();
    expect(await restartOf()).toMatchObject({ phase: 'preparing', actIndex: 1, cancelledBy: 'bob' });
    const next = setUp({ look: sender.restarters.ssm.look });
    for (const { clock } of [sender, next]) clock.pass(5_000);
    await next.step();
    await next.act();
    expect(purposes([...sender.orders, ...next.orders])).toEqual(['validate -a1', 'after -r0']);
  });

  it('with an act of which it turns out that nobody had sent it, sends it no more', async () => {
    await ordered(around);
    await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
    await cancel();
    const later = setUp();
    later.clock.pass(LEASE_MS);
    await later.step();
    expect([later.orders, later.calls]).toEqual([[], ['inspect before', 'find before']]);
    await isOver();
  });

  it('with an act that somebody had sent before he died follows that to its end, and undoes it', async () => {
    await ordered(around);
    const sent = setUp();
    const send: Restarter['send'] = async (...args) => {
      await sent.restarters.ssm.send(...args);
      return await dying();
    };
    await expect(setUp({ send }).step()).rejects.toThrow('cut off');
    await cancel();
    const { find, look } = sent.restarters.ssm;
    const later = setUp({ find, look });
    for (const { clock } of [sent, later]) clock.pass(LEASE_MS);
    await later.act();
    const last = setUp();
    last.clock.pass(LEASE_MS + 5_000);
    await last.act();
    expect(purposes([...sent.orders, ...later.orders, ...last.orders])).toEqual(['before -a0', 'after -r0']);
    await isOver();
  });

  it('sends what undoes it once more where whoever was to send that was cut off', async () => {
    const { act } = await ordered(around);
    await act();
    await cancel();
    await expect(setUp({ send: dying }).step()).rejects.toThrow('cut off');
    const later = setUp({ find: async () => undefined });
    later.clock.pass(LEASE_MS);
    await later.act();
    expect(purposes(later.orders)).toEqual(['after -r0']);
    await isOver();
  });
});

describe('what a restart would destroy', () => {
  it('is asked for once, before the first thing that is sent, and kept without its secrets', async () => {
    const evidence = async () => ' OutOfMemory, PASSWORD=hunter2 ';
    const { act, calls } = await ordered(undrained, { evidence });
    for (let index = 0; index < 5; index += 1) await act();
    expect(calls.filter((call) => call.startsWith('evidence'))).toEqual(['evidence redeploy']);
    expect(calls.indexOf('evidence redeploy')).toBeLessThan(calls.findIndex((call) => call.startsWith('send')));
    expect(await evidenceOf()).toEqual(['OutOfMemory, PASSWORD=***']);
  });

  it('is asked for behind the wait for requests, which destroys nothing', async () => {
    const { step, calls } = await ordered({ drain: everything.drain });
    await step();
    const stored = (await stores.services.read(key, signal))!;
    const intentId = stored.state.intents.find(({ kind }) => kind === 'probe')!.id;
    const counted = { kind: 'drained', restartId, active: 0, intentId, jitter: 0 } as const;
    const { state } = advance(stored.service, stored.state, counted, START + 1_000);
    await stores.services.saveState(stored, state, signal);
    await step();
    expect(calls.slice(1)).toEqual(['inspect redeploy', 'evidence redeploy', 'send redeploy']);
  });

  it.each<[string, Restarter['evidence']]>([
    ['nothing', async () => undefined],
    ['a fault', () => Promise.reject(new Error('AccessDenied'))],
    ['white space', async () => '  '],
  ])('is left out where there is %s, and the restart goes on', async (name, evidence) => {
    const { step, orders, log } = await ordered({}, { evidence });
    await step();
    expect(orders).toHaveLength(1);
    expect(await evidenceOf()).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(name === 'a fault' ? 1 : 0);
  });

  it('by a round that begins while it is followed is kept as well, without its secrets', async () => {
    const look: Restarter['look'] = async () => {
      return { kind: 'running', detail: 'two more', evidence: 'two more\ntask b PASSWORD=hunter2' };
    };
    const { act } = await ordered({}, { look, evidence: async () => undefined });
    await act();
    expect(await evidenceOf()).toEqual(['two more\ntask b PASSWORD=***']);
  });

  it('that nobody had to give is not asked for at the next act, nor when the order turns out to be sent', async () => {
    const evidence = async () => undefined;
    const { act, step, calls } = await ordered(undrained, { evidence });
    await act();
    await step();
    expect(calls.filter((call) => call.startsWith('evidence'))).toHaveLength(1);
    stores = fakeStores(1);
    const dying = await ordered({}, { evidence });
    const die = () => Promise.reject(new RestartError('cut off', { isTransient: true }));
    await expect(setUp({ evidence, send: die }).step()).rejects.toThrow('cut off');
    const later = setUp({ find: async () => 'handle-9' });
    later.clock.pass(LEASE_MS);
    await later.step();
    expect([dying.calls, later.calls]).toEqual([[], ['inspect redeploy', 'find redeploy']]);
  });

  it('is not asked for again by whoever finds that it was kept, or that the order was sent', async () => {
    await ordered({});
    const die = () => Promise.reject(new RestartError('cut off', { isTransient: true }));
    await expect(setUp({ send: die }).step()).rejects.toThrow('cut off');
    const later = setUp();
    later.clock.pass(LEASE_MS);
    await later.step();
    expect(later.calls).toEqual(['inspect redeploy', 'find redeploy', 'send redeploy']);
    expect(await evidenceOf()).toHaveLength(1);
  });
});
