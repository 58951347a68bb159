import { describe, expect, it } from 'vitest';

import type { Registration } from '../../lambdas/core/model/service.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import type { Stored } from '../../lambdas/ports/service-store.ts';
import { look } from '../../lambdas/probe/look.ts';
import { down, fakeProber, inTurn, slow, unknown, up } from '../fakes/fake-prober.ts';
import { registration } from '../fakes/registrations.ts';
import { makeRestart } from '../make/state.ts';

const { signal } = new AbortController();
const liveness = { kind: 'tcp', host: 'billing.example.com', port: 443 };
const readiness = { kind: 'http', url: 'https://billing.example.com/ready', retries: 0 };
const stored = (document: Registration, heartbeatAt?: number): Stored => ({
  ...{ document, service: toService(document), state: freshState(7), version: 0, registeredAt: 7, heartbeatAt },
});
const lookAt = (document: Registration, prober: ReturnType<typeof fakeProber>) =>
  look(stored(document), prober, 'round-1', signal);

describe('a look at a service', () => {
  it.each([
    { sees: 'a good answer', answers: [up], retries: 3, asked: 1, verdict: 'up' },
    { sees: 'passing trouble', answers: [down, up], retries: 1, asked: 2, verdict: 'up' },
    { sees: 'trouble that stays', answers: [down], retries: 2, asked: 3, verdict: 'down' },
    { sees: 'trouble, without retries', answers: [down, up], retries: 0, asked: 1, verdict: 'down' },
    { sees: 'a slow answer', answers: [slow, up], retries: 3, asked: 1, verdict: 'slow' },
    { sees: 'its own trouble', answers: [unknown, up], retries: 3, asked: 1, verdict: 'unknown' },
  ])('that sees $sees probes $asked times and says $verdict', async ({ answers, retries, asked, verdict }) => {
    const prober = fakeProber(inTurn(...answers));
    const seen = await lookAt(registration({ probe: { ...liveness, retries } }), prober);
    expect(seen.verdict).toBe(verdict);
    expect(prober.asked).toHaveLength(asked);
  });

  it('gives the prober all it needs to know', async () => {
    const prober = fakeProber(() => up);
    await look(stored(registration(), 99), prober, 'round-1', signal);
    expect(prober.asked).toMatchObject([
      { probe: { kind: 'tcp', port: 443 }, correlationId: 'round-1', heartbeatAt: 99, registeredAt: 7 },
    ]);
  });

  it('tells the prober from when on a heartbeat says something of what a restart has put there', async () => {
    const prober = fakeProber(() => up);
    const document = registration({ probe: { kind: 'heartbeat' } });
    const restart = makeRestart({ phase: 'verifying', changedAt: 50, holdUntil: 60, deadlineAt: 90_060 });
    await look({ ...stored(document, 40), state: { ...freshState(7), restart } }, prober, 'round-1', signal);
    expect(prober.asked).toMatchObject([{ heartbeatAt: 40, reportsFrom: 50 }]);
  });

  it('does not look again at a heartbeat, which would be the same', async () => {
    const prober = fakeProber(() => ({ verdict: 'down', cause: 'heartbeat_missing' }));
    await lookAt(registration({ probe: { kind: 'heartbeat', retries: 3 } }), prober);
    expect(prober.asked).toHaveLength(1);
  });

  it('does not ask ECS again either', async () => {
    const prober = fakeProber(() => ({ verdict: 'down', cause: 'container_stopped' }));
    const probe = { kind: 'ecs', cluster: 'prod', service: 'api', retries: 3 };
    const document = registration({ probe });
    const seesEcs = { ...stored(document), service: { ...toService(document) } };
    await look(seesEcs, prober, 'round-1', signal);
    expect(prober.asked).toHaveLength(1);
  });
});

describe('a look at a service with a readiness probe', () => {
  const both = registration({ probe: { ...liveness, retries: 0 }, readiness });

  it.each([
    { ready: down, message: 'not ready: the port is closed' },
    { ready: slow, message: 'not ready: took 900 ms' },
    { ready: { verdict: 'down', cause: 'timeout' } as const, message: 'not ready: timeout' },
  ])('calls a service that lives and is not ready slow, never down ($message)', async ({ ready, message }) => {
    const seen = await lookAt(both, fakeProber(inTurn(up, ready)));
    expect(seen).toEqual({ ...up, verdict: 'slow', cause: 'not_ready', message });
  });

  it.each([up, unknown])('keeps the answer of the liveness probe when readiness says $verdict', async (ready) => {
    expect(await lookAt(both, fakeProber(inTurn(up, ready)))).toEqual(up);
  });

  it.each([down, slow, unknown])('asks for no readiness of a service that is $verdict', async (alive) => {
    const prober = fakeProber(inTurn(alive));
    expect(await lookAt(both, prober)).toEqual(alive);
    expect(prober.asked.map(({ probe }) => probe.kind)).toEqual(['tcp']);
  });

  it('repeats the readiness probe as often as that probe says', async () => {
    const prober = fakeProber(inTurn(up, down, up));
    const patient = registration({ probe: { ...liveness, retries: 0 }, readiness: { ...readiness, retries: 1 } });
    expect(await lookAt(patient, prober)).toEqual(up);
    expect(prober.asked.map(({ probe }) => probe.kind)).toEqual(['tcp', 'http', 'http']);
  });
});
