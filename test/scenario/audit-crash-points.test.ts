// Requests that are cut off, once per run: at every side effect, just before it and just after it. Whatever has changed by
// then, it is written down who asked for it; and what is written down as accepted has really changed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApiPorts, ApiRequest } from '../../lambdas/api/request.ts';
import { routeTable } from '../../lambdas/api/routes.ts';
import type { RouteKey } from '../../lambdas/contract/routes.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { followStack } from '../../lambdas/register/follow-stack.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeOutbox, fakeProbeQueue, fakeQueues } from '../fakes/fake-ports.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { ecsStep, registration } from '../fakes/registrations.ts';
import { Crash, type Death, type Invocation, Story } from './invocation.ts';

const { signal } = new AbortController();
const SHARDS = 1;
const clock = fakeClock();
const key = { tenant: 'default', id: 'billing' };
const document = registration({ restart: { steps: [ecsStep] } });
const limits = { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public' as const] };

function portsOf(stores: Stores, life: Invocation): ApiPorts {
  const queues = fakeQueues(clock);
  return {
    ...stores,
    services: life.mortal('services', stores.services, ['register', 'remove', 'saveState']),
    fleet: life.mortal('fleet', stores.fleet, ['expectService', 'saveControl']),
    targets: life.mortal('targets', stores.targets, ['point', 'unpoint']),
    audit: life.mortal('audit', stores.audit, ['write']),
    discoveryClusters: [],
    outbox: life.mortal('outbox', fakeOutbox(queues, clock), ['hand']),
    probeQueue: life.mortal('probes', fakeProbeQueue(queues), ['sendCheck']),
    ...{ clock, jitter: () => 0.5, log: fakeLog(), shards: SHARDS, maxRestarts: 5, retentionMs: 86_400_000, limits },
    build: { version: '', commit: '', builtAt: '' },
  };
}

type Plot = Readonly<{
  action: string;
  isThere: boolean;
  /** What somebody else asked for before, under an id of its own. */
  first?: Plot['run'];
  run: (ports: ApiPorts, requestId: string) => Promise<unknown>;
}>;
const route =
  (routeKey: RouteKey, request: Partial<ApiRequest>): Plot['run'] =>
  (ports, requestId) =>
    routeTable[routeKey](
      { ...{ routeKey, query: {}, body: undefined, caller: 'ada', correlationId: 'c-1', requestId }, ...request },
      ports,
      signal,
    );
const stack = (request: Parameters<typeof followStack>[0]): Plot['run'] => {
  return (ports, requestId) => followStack(request, ports, { by: 'arn:stack', correlationId: requestId, signal });
};
const { id } = key;
const order = { user: 'ada', reason: 'it hangs' };
const changedDocument = { ...document, name: 'Another name' };

const plots: Readonly<Record<string, Plot>> = {
  registers: { action: 'service.put', isThere: false, run: route('PUT /services/{id}', { id, body: document }) },
  replaces: { action: 'service.put', isThere: true, run: route('POST /services', { body: changedDocument }) },
  'registers for a stack': { action: 'service.put', isThere: false, run: stack({ kind: 'put', document }) },
  removes: { action: 'service.removed', isThere: true, run: route('DELETE /services/{id}', { id }) },
  'removes for a stack': { action: 'service.removed', isThere: true, run: stack({ kind: 'remove', key }) },
  'orders a restart': {
    ...{ action: 'restart.requested', isThere: true },
    run: route('POST /services/{id}/restart', { id, body: order }),
  },
  'cancels a restart': {
    ...{ action: 'restart.cancelled', isThere: true },
    first: route('POST /services/{id}/restart', { id, body: order }),
    run: route('POST /services/{id}/restart/cancel', { id, body: { user: 'bob' } }),
  },
  pauses: {
    ...{ action: 'service.paused', isThere: true },
    run: route('POST /services/{id}/pause', { id, body: order }),
  },
  resumes: {
    ...{ action: 'service.resumed', isThere: true },
    first: route('POST /services/{id}/pause', { id, body: order }),
    run: route('POST /services/{id}/resume', { id, body: { user: 'bob' } }),
  },
  'switches restarts off': {
    ...{ action: 'fleet.switched', isThere: true },
    run: route('PUT /fleet', { body: { restartsOn: false, ...order } }),
  },
};

async function worldOf(stores: Stores) {
  const stored = await stores.services.read(key, signal);
  return {
    document: stored?.document,
    restart: stored?.state.restart,
    paused: stored?.state.paused,
    control: await stores.fleet.control(signal),
  };
}
const entriesOf = async (stores: Stores) =>
  (await Promise.all([key, undefined].map((of) => stores.audit.entries(of, { limit: 10 }, signal)))).flat();

/** One request with one death; without a death it is carried out whole. Gives the effects it came to. */
async function tell({ action, isThere, first, run }: Plot, stores: Stores, death?: Death): Promise<readonly string[]> {
  if (isThere) await stores.services.register(document, freshState(START), START, signal);
  if (first) await first(portsOf({ ...stores, audit: fakeStores(SHARDS).audit }, new Story().begin()), 'r-0');
  const before = await worldOf(stores);
  const story = new Story(death);
  await run(portsOf(stores, story.begin()), 'r-1').catch((error: unknown) => {
    if (!(error instanceof Crash)) throw error;
  });
  const isChanged = JSON.stringify(await worldOf(stores)) !== JSON.stringify(before);
  const entries = await entriesOf(stores);
  expect(entries.length, 'one entry at most').toBeLessThanOrEqual(1);
  const outcome = entries[0]?.outcome;
  if (entries[0]) expect(entries[0]).toMatchObject({ action, correlationId: expect.stringMatching(/^[cr]-1$/) });
  if (isChanged) expect(['asked', 'accepted'], 'a change has its entry').toContain(outcome);
  if (outcome === 'accepted') expect(isChanged, 'what was accepted was done').toBe(true);
  if (!death) expect([isChanged, outcome]).toEqual([true, 'accepted']);
  else expect(story.lastWords, 'the invocation was killed').toBeDefined();

  // Whoever saw it fail asks again: that leaves an entry of its own, and the first one as it was.
  await run(portsOf(stores, new Story().begin()), 'r-2');
  const both = await entriesOf(stores);
  expect(both.find(({ entryId }) => entryId === 'r-1')?.outcome).toBe(outcome);
  expect(both.find(({ entryId }) => entryId === 'r-2')?.outcome).not.toBe('asked');
  if (!isChanged) expect(both.find(({ entryId }) => entryId === 'r-2')?.outcome).toBe('accepted');
  return story.names;
}

async function tellAll(plot: Plot, open: () => Promise<Stores>): Promise<void> {
  const effects = await tell(plot, await open());
  expect(effects[0]).toBe('audit.write');
  expect(effects.filter((name) => name === 'audit.write')).toHaveLength(2);
  for (const [at, name] of effects.entries())
    for (const when of ['before', 'after'] as const)
      await tell(plot, await open(), { at, when }).catch((cause: unknown) => {
        throw new Error(`killed ${when} effect ${at}, ${name}: ${String(cause)}`, { cause });
      });
}

describe('a request that is cut off at any side effect', () => {
  it.each(Object.keys(plots))('leaves no change without its entry: one that %s', async (name) => {
    await tellAll(plots[name]!, async () => fakeStores(SHARDS));
  });
});

describe('the same on the embedded engine', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await startEngine()));
  afterAll(async () => await engine.stop());

  it.each(Object.keys(plots))('leaves no change without its entry: one that %s', async (name) => {
    await tellAll(plots[name]!, async () => openStores((await engine.freshTable()).table, SHARDS));
  });
});
