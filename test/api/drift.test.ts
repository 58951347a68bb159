import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { getDrift } from '../../lambdas/api/drift.ts';
import type { ApiPorts } from '../../lambdas/api/request.ts';
import { ask, signal, stores } from './api-bench.ts';

const NOW = Date.UTC(2026, 0, 6, 8, 0, 30);
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const entry = {
  kind: 'gone',
  cluster: 'prod',
  service: 'web',
  tenant: 'default',
  id: 'web',
  message: 'is not there',
} as const;

describe('the drift', () => {
  it('says that discovery has not run yet', async () => {
    expect(await ask('GET /drift')).toMatchObject({
      status: 200,
      body: { status: 'not_run_yet', seenAt: null, entries: [] },
    });
  });

  it('is what the newest run saw, and when', async () => {
    const at = NOW - 60_000;
    const clusters = [{ cluster: 'prod', services: 3 }];
    await stores.drift.save({ at, clusters, entries: [{ ...entry, since: at }], leftOut: 0 }, signal);
    const seenAt = new Date(at).toISOString();
    expect((await ask('GET /drift')).body).toEqual({
      ...{ status: 'ok', seenAt, clusters: [{ cluster: 'prod', services: 3, fault: null }], leftOut: 0 },
      entries: [{ ...entry, since: seenAt }],
    });
    vi.setSystemTime(NOW + 3_600_000);
    expect((await ask('GET /drift')).body).toMatchObject({ status: 'late', seenAt });
  });

  it('says that discovery is off where no cluster is named', async () => {
    const ports = { drift: stores.drift, discoveryClusters: [], clock: { now: Date.now } } as unknown as ApiPorts;
    const request = {
      routeKey: 'GET /drift',
      query: {},
      body: undefined,
      caller: 'ada',
      correlationId: 'c-1',
    } as const;
    expect(await getDrift(request, ports, signal)).toMatchObject({ status: 200, body: { status: 'off', entries: [] } });
  });
});
