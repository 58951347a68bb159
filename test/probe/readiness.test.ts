// Whatever the readiness probe sees, and however long, it restarts nothing: only the liveness probe can.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Observation } from '../../lambdas/core/model/observation.ts';
import { causes, verdicts } from '../../lambdas/core/model/observation.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const readiness = { kind: 'http', url: 'https://billing.example.com/ready', retries: 0, expect: { overload: 'down' } };
const document = registration({ readiness, restart: { steps: [ssmStep] }, policy: { failureThreshold: 1 } });

describe('readiness', () => {
  it('never restarts', async () => {
    const seen = fc.record({ verdict: fc.constantFrom(...verdicts), cause: fc.constantFrom(...causes) });
    await fc.assert(
      fc.asyncProperty(fc.array(seen, { minLength: 1, maxLength: 12 }), async (ready: Observation[]) => {
        const stores = fakeStores(1);
        await put(stores, document);
        let beat = 0;
        const prober = fakeProber(({ probe }) => (probe.kind === 'http' ? ready[beat]! : up));
        const { ports, queues, clock } = probeSet({ prober }, stores);
        for (; beat < ready.length; beat += 1) {
          clock.set(START + beat * 60_000);
          await probePack(packAt(START + beat * 60_000), ports, signal);
        }
        const state = await stateOf(stores);
        expect(state.health).not.toBe('unhealthy');
        expect(state.downs).toBe(0);
        expect(queues.restart.messages).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('that fails warns', async () => {
    const stores = fakeStores(1);
    await put(stores, document);
    const prober = fakeProber(({ probe }) => (probe.kind === 'http' ? { verdict: 'down', cause: 'refused' } : up));
    const { ports } = probeSet({ prober }, stores);
    await probePack(packAt(START), ports, signal);
    const { health, intents } = await stateOf(stores);
    expect(health).toBe('degraded');
    expect(intents.find(({ kind }) => kind === 'alert')).toMatchObject({
      alert: { kind: 'degraded', level: 'warning' },
    });
  });
});
