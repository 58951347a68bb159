// Requests under way are waited for: the prober counts, the restart function restarts, and a running load loses nothing.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, it, onTestFinished } from 'vitest';

import { createRequestCounter } from '../../lambdas/adapters/request-counter.ts';
import { proberTools } from '../../lambdas/adapters/service-prober.ts';
import { advance } from '../../lambdas/core/health/advance.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import type { RequestCounter } from '../../lambdas/ports/prober.ts';
import type { Restarter } from '../../lambdas/ports/restarter.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import type { RestartPorts } from '../../lambdas/restart/restart-run.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeRestartQueue } from '../fakes/fake-ports.ts';
import { fakeProber, up } from '../fakes/fake-prober.ts';
import { restartWorld } from '../fakes/fake-restarter.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { probeSet, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';
import { freePort } from '../fixtures/local-ecs.ts';
import { noSecrets } from '../make/probe-bench.ts';

const { signal } = new AbortController();
const WORK_MS = 300;

/** A restart that a person has asked for, of a service that drains; every message is carried out as its time comes. */
async function ordered(
  port: number,
  requests: RequestCounter,
  { force = false, send = async () => undefined as void } = {},
) {
  const stores = fakeStores(1);
  const drain = { activeRequestsUrl: `http://127.0.0.1:${port}/active`, path: '$.active', timeoutSeconds: 20 };
  const document = registration({ restart: { steps: [ssmStep], drain } });
  const ask = { kind: 'requested', by: 'ann', reason: 'stuck', force } as const;
  const { state } = advance(toService(document), freshState(START), ask, START);
  await stores.services.register(document, state, START, signal);
  const prober = fakeProber(() => up);
  const set = probeSet({ requests, prober }, stores);
  const world = restartWorld(set.clock);
  const ssm: Restarter = {
    ...world.restarters.ssm,
    send: async (...order) => {
      await send();
      return await world.restarters.ssm.send(...order);
    },
  };
  const ports = {
    ...{ ...set.ports, restarters: { ...world.restarters, ssm }, queue: fakeRestartQueue(set.queues) },
    ...{ targets: stores.targets, maxRestarts: 5 },
  } as RestartPorts;
  set.queues.restart.send({ correlationId: 'c1', tenant: 'default', id: 'billing', restartId: state.restart!.id });

  /** One message; `false` when nothing is left to do. */
  const next = async (): Promise<boolean> => {
    const { restart, probe } = set.queues;
    const at = Math.min(restart.nextAt(), probe.nextAt());
    if (!Number.isFinite(at)) return false;
    set.clock.set(at);
    const order = restart.receive();
    if (order) {
      await restartStep(order.body, ports, signal);
      restart.done(order);
      return true;
    }
    const look = probe.receive();
    if (look?.body.kind === 'check') await probeOne(look.body, set.ports, signal);
    if (look) probe.done(look);
    return true;
  };
  const restartNow = async () => (await stateOf(stores)).restart!;
  /** Goes on until the restart is in one of these phases. */
  const until = async (...phases: string[]) => {
    for (let steps = 0; steps < 200; steps += 1) {
      if (phases.includes((await restartNow()).phase)) return await restartNow();
      if (!(await next())) break;
    }
    throw new Error(`it never came to ${phases.join(' or ')}: ${JSON.stringify(await restartNow())}`);
  };
  return { ...set, ...world, prober, next, until, restartNow };
}

const answers = (...counts: (number | undefined)[]) => {
  const asked: string[] = [];
  const count: RequestCounter['count'] = async ({ activeRequestsUrl }) => {
    asked.push(activeRequestsUrl);
    return counts[Math.min(asked.length, counts.length) - 1];
  };
  return { asked, count };
};

describe('a restart that waits for requests', () => {
  it('counts them every other second, and goes on at zero; nobody probes in between', async () => {
    const requests = answers(3, undefined, 1, 0);
    const { until, clock, prober, orders } = await ordered(1, requests);
    expect(await until('waiting_requests')).toMatchObject({ phase: 'waiting_requests' });
    const begun = clock.now();
    await until('restarting');
    expect(requests.asked).toHaveLength(4);
    expect(clock.now() - begun).toBe(6_000);
    expect(prober.asked).toEqual([]);
    await until('verifying');
    expect(orders).toHaveLength(1);
  });

  it('shows how many there still are', async () => {
    const { until, next, restartNow } = await ordered(1, answers(7));
    await until('waiting_requests');
    await next();
    expect(await restartNow()).toMatchObject({ phase: 'waiting_requests', activeRequests: 7 });
  });

  it.each([
    ['there are always some', 2],
    ['they cannot be counted', undefined],
  ])('goes on when time is up, though %s', async (_, active) => {
    const { until, clock, orders } = await ordered(1, answers(active));
    await until('waiting_requests');
    const begun = clock.now();
    await until('restarting', 'verifying');
    expect(clock.now() - begun).toBeGreaterThanOrEqual(20_000);
    expect(clock.now() - begun).toBeLessThan(24_000);
    await until('verifying');
    expect(orders).toHaveLength(1);
  });

  it('is counted once by a message that comes twice', async () => {
    const requests = answers(1);
    const { until, queues, ports } = await ordered(1, requests);
    await until('waiting_requests');
    const { body } = queues.probe.messages[0]!;
    if (body.kind !== 'check') throw new Error('no check');
    await probeOne(body, ports, signal);
    await probeOne(body, ports, signal);
    expect(requests.asked).toHaveLength(1);
  });

  it('is looked at all the same when a person asks for that', async () => {
    const requests = answers(1);
    const { until, ports, prober } = await ordered(1, requests);
    await until('waiting_requests');
    await probeOne({ kind: 'check', correlationId: 'c', tenant: 'default', id: 'billing', beat: START }, ports, signal);
    expect([prober.asked.length, requests.asked.length]).toEqual([1, 0]);
  });
});

/** A real process behind a balancer that holds requests back while it is closed, and a load that never ends. */
async function underLoad() {
  const port = await freePort();
  let process_: ChildProcess;
  const start = async () => {
    const file = join(import.meta.dirname, '../fixtures/working-server.mjs');
    process_ = spawn(process.execPath, [file, String(port), String(WORK_MS)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(process_.stdout!, 'data');
  };
  await start();
  const load = { isOpen: true, isOn: true, done: 0, lost: 0 };
  const client = async () => {
    while (load.isOn) {
      if (!load.isOpen) await pause(5);
      else {
        const outcome = await fetch(`http://127.0.0.1:${port}/work`, { headers: { connection: 'close' } }).then(
          ({ ok }) => ok,
          () => false,
        );
        if (outcome) load.done += 1;
        else load.lost += 1;
      }
    }
  };
  const clients = Array.from({ length: 10 }, client);
  onTestFinished(() => void process_.kill('SIGKILL'));
  return {
    ...{ port, load },
    async restart() {
      const ended = once(process_, 'exit');
      process_.kill('SIGKILL');
      await ended;
      await start();
      load.isOpen = true;
    },
    async stop() {
      load.isOn = false;
      await Promise.all(clients);
    },
  };
}

describe('a service under load', { timeout: 30_000 }, () => {
  const counter = createRequestCounter(
    proberTools({ allowedRanges: ['127.0.0.0/8'], secrets: noSecrets, clock: { now: () => Date.now() } }),
  );

  it.each([
    ['loses none of its requests when they are waited for', false],
    ['would lose some if they were not', true],
  ])('%s', async (_, force) => {
    const service = await underLoad();
    const { load } = service;
    const { next, restartNow } = await ordered(service.port, counter, { force, send: service.restart });
    while (load.done < 20) await pause(5);
    load.isOpen = false; // taken out of the balancer, as a before-hook does
    const seen: (number | undefined)[] = [];
    for (let steps = 0; steps < 100 && (await restartNow()).phase !== 'verifying'; steps += 1) {
      await next();
      seen.push((await restartNow()).activeRequests);
      await pause(100); // the work goes on in real time, and the clock in that of the messages
    }
    const before = load.done;
    while (load.done < before + 20) await pause(5);
    await service.stop();
    expect((await restartNow()).phase).toBe('verifying');
    if (force) return expect(load.lost).toBeGreaterThan(0);
    expect(seen.some((active) => active !== undefined && active > 0)).toBe(true);
    expect(load.lost).toBe(0);
  });
});
