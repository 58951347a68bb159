// Twelve of twenty services break together and come back together. Nothing is restarted, people are told once, and what
// is still down when the storm is over is healed, never more at once than was set. Stopped at every side effect.
import { describe, expect, it } from 'vitest';

import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import { tellStorm } from '../../lambdas/alert/tell-storm.ts';
import { freshState, runningRestart } from '../../lambdas/core/model/state.ts';
import { noOutbox } from '../../lambdas/flow/change-service.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeOutbox, fakeProbeQueue, fakeRestartQueue, fakeStormQueue } from '../fakes/fake-ports.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import type { FakeQueue } from '../fakes/fake-queue.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { probeSet } from '../fakes/probe-ports.ts';
import { ecsStep, registration } from '../fakes/registrations.ts';
import { Crash, type Death, Story } from './invocation.ts';

const MINUTE_MS = 60_000;
const { signal } = new AbortController();
const ids = Array.from({ length: 20 }, (_, n) => `svc-${String(n).padStart(2, '0')}`);
const BREAKS_AT = START + 1.5 * MINUTE_MS;
const ENDS_AT = START + 8.5 * MINUTE_MS;
const MINUTES = 20;
const isCrash = (error: unknown): boolean =>
  error instanceof Crash || (error instanceof AggregateError && error.errors.every(isCrash));

/** `lasting` of the twelve stay down when the others come back, until a restart of their own. */
async function play({
  lasting = 5,
  maxRestarts = 2,
  death,
}: {
  lasting?: number;
  maxRestarts?: number;
  death?: Death;
}) {
  const stores = fakeStores(1);
  const set = probeSet({}, stores);
  const { clock, queues } = set;
  const sink = fakeAlertSink();
  const story = new Story(death);
  const sent: { id: string; at: number }[] = [];
  let mostAtOnce = 0;
  const sentFor = (id: string) => sent.find((order) => order.id === id);
  const isDown = (n: number) => {
    const order = sentFor(ids[n]!);
    if (n >= 12 || clock.now() < BREAKS_AT || (order && clock.now() >= order.at + 4_000)) return false;
    return clock.now() < ENDS_AT || n < lasting;
  };
  const restarter = {
    inspect: async () => ({ kind: 'ready' as const, identity: 'before' }),
    find: async (step: { service: string }) => sentFor(step.service)?.id,
    send: async (step: { service: string }) => {
      sent.push({ id: step.service, at: clock.now() });
      return step.service;
    },
    look: async () => ({ kind: 'changed' as const, identity: 'after', detail: 'new' }),
    evidence: async () => [],
  };
  const portsOf = () => {
    const life = story.begin();
    const services = life.mortal('services', stores.services, ['saveState']);
    const fleet = life.mortal('fleet', stores.fleet, ['correctCount', 'takeSlot', 'freeSlots']);
    const storms = life.mortal('storms', stores.storms, ['save']);
    const outbox = life.mortal('outbox', fakeOutbox(queues, clock), ['hand']);
    const stormQueue = life.mortal('stormQueue', fakeStormQueue(queues), ['tell']);
    const restarters = { ecs: life.mortal('ecs', restarter, ['send']), ssm: restarter };
    const common = { ...set.ports, services, fleet, storms, outbox, stormQueue, maxRestarts, targets: stores.targets };
    return {
      schedule: { ...common, queue: life.mortal('probes', fakeProbeQueue(queues), ['sendPacks']) },
      probe: {
        ...common,
        results: life.mortal('results', stores.results, ['saveRow']),
        prober: fakeProber(({ probe }) => (probe.kind === 'tcp' && isDown(probe.port - 1) ? down : up)),
      },
      restart: { ...common, restarters, queue: life.mortal('restarts', fakeRestartQueue(queues), ['again']) } as never,
      alert: {
        ...{ ...common, outbox: noOutbox },
        timeline: stores.timeline,
        sink: life.mortal('sink', sink, ['publish']),
      },
    };
  };
  const invoke = async (run: (ports: ReturnType<typeof portsOf>) => Promise<void>): Promise<boolean> => {
    try {
      await run(portsOf());
      return true;
    } catch (error) {
      if (isCrash(error)) return false;
      throw error;
    }
  };
  const deliver = async <T>(
    queue: FakeQueue<T>,
    run: (body: T, ports: ReturnType<typeof portsOf>) => Promise<void>,
  ) => {
    for (let message = queue.receive(); message; message = queue.receive()) {
      const { body } = message;
      if (await invoke((ports) => run(body, ports))) queue.done(message);
    }
  };
  const statesNow = async () => (await stores.services.readShard(0, signal)).services;
  const deliverAll = async () => {
    await deliver(queues.probe, (message, { probe }) =>
      message.kind === 'pack' ? probePack(message, probe, signal) : probeOne(message as never, probe, signal),
    );
    await deliver(queues.restart, (message, { restart }) => restartStep(message, restart, signal));
    await deliver(queues.alert, (message, { alert }) => sendAlert(message, alert, signal));
    await deliver(queues.storm, (message, { alert }) => tellStorm(message, alert, signal));
    const begun = (await statesNow()).filter(({ state }) => runningRestart(state)?.begunAt !== undefined);
    mostAtOnce = Math.max(mostAtOnce, begun.length);
  };

  for (const [n, id] of ids.entries()) {
    const probe = { kind: 'tcp', host: 'example.com', port: n + 1, retries: 0 };
    const restart = { steps: [{ ...ecsStep, service: id }], warmUpSeconds: 5 };
    await stores.fleet.expectService(0, 60, signal);
    await stores.services.register(registration({ id, probe, restart }), freshState(START), START, signal);
  }
  const waiting = () => [queues.probe, queues.restart, queues.alert, queues.storm];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const end = START + (minute + 1) * MINUTE_MS;
    await invoke(({ schedule }) => packRound(end - MINUTE_MS, `round-${minute}`, schedule, signal));
    await deliverAll();
    for (let next = Math.min(...waiting().map((queue) => queue.nextAt())); next < end;) {
      clock.set(next);
      await deliverAll();
      next = Math.min(...waiting().map((queue) => queue.nextAt()));
    }
    clock.set(end);
  }
  return { sent, sink, mostAtOnce, services: await statesNow(), storms: await stores.storms.read(signal), story };
}

const keysOf = ({ taken }: ReturnType<typeof fakeAlertSink>, kind: string) =>
  taken.filter((one) => one.kind === kind).map(({ deduplicationKey }) => deduplicationKey);

function expectGoodEnd({ sent, sink, mostAtOnce, services, storms }: Awaited<ReturnType<typeof play>>, most = 2) {
  expect(sent.map(({ id }) => id).sort()).toEqual(ids.slice(0, 5));
  expect(sent.every(({ at }) => at >= ENDS_AT)).toBe(true);
  expect(mostAtOnce).toBeLessThanOrEqual(most);
  expect(new Set(keysOf(sink, 'storm')).size).toBe(1);
  expect(new Set(keysOf(sink, 'storm_over')).size).toBe(1);
  expect(services.every(({ state }) => state.health === 'healthy' && !state.incident)).toBe(true);
  expect(storms.storms).toEqual([]);
}

describe('a storm', () => {
  it('restarts nothing, is told of once, and what it leaves behind is healed when it is over', async () => {
    const end = await play({});
    expectGoodEnd(end);
    expect(end.mostAtOnce).toBe(2);
    expect(keysOf(end.sink, 'storm')).toHaveLength(1);
    expect(keysOf(end.sink, 'storm_over')).toHaveLength(1);
    // Of the single services only those are told of that are still down then.
    expect(new Set(keysOf(end.sink, 'unhealthy')).size).toBe(5);
  });

  it('that passes by itself leaves nothing to do', async () => {
    const { sent, sink } = await play({ lasting: 0 });
    expect(sent).toEqual([]);
    expect(sink.kinds().filter((kind) => kind !== 'recovered')).toEqual(['storm', 'storm_over']);
  });

  it('ends the same with an invocation killed at any side effect that concerns it', async () => {
    const { story } = await play({});
    const concerns = /^(storms|stormQueue|sink|fleet\.(take|free))/;
    const seen = new Map<string, number>();
    const points = story.names.flatMap((name, at) => {
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return concerns.test(name) && times <= 5 ? [{ at, name }] : [];
    });
    expect(points.length).toBeGreaterThan(15);
    for (const { at } of points)
      for (const when of ['before', 'after'] as const) expectGoodEnd(await play({ death: { at, when } }));
  }, 60_000);
});
