// The ports of the flows for a test of one of them: everything in memory, each part to be replaced by what a test is about.
import type { PackMessage, ShardCount } from '../../lambdas/contract/messages.ts';
import type { Registration } from '../../lambdas/core/model/service.ts';
import { freshState, type State } from '../../lambdas/core/model/state.ts';
import type { ProbePorts } from '../../lambdas/probe/probe-pack.ts';
import { fakeClock } from './fake-clock.ts';
import { fakeLog } from './fake-log.ts';
import { fakeMetrics } from './fake-metrics.ts';
import { fakeOutbox, fakeQueues, fakeStormQueue } from './fake-ports.ts';
import { fakeProber, up } from './fake-prober.ts';
import { fakeStores, type Stores } from './fake-stores.ts';

const { signal } = new AbortController();

export const STORM_RULES = { share: 0.3, least: 5, cooldownMs: 120_000 };

/** What a test may look into afterwards, and the ports of the probe flow made of it. */
export function probeSet(more: Partial<ProbePorts> = {}, stores: Stores = fakeStores(1)) {
  const clock = fakeClock();
  const queues = fakeQueues(clock);
  const metrics = fakeMetrics();
  const log = fakeLog();
  const common = { clock, metrics, log, jitter: () => 0.5, maxInFlight: 10, retentionMs: 86_400_000 };
  const outbox = fakeOutbox(queues, clock);
  const around = { stormQueue: fakeStormQueue(queues), stormRules: STORM_RULES, maxRestarts: 5 };
  const idle = { requests: { count: async () => undefined } };
  const place = { network: 'public', elsewhere: undefined } as const;
  const ports: ProbePorts & { maxRestarts: number } = {
    ...common,
    ...place,
    ...stores,
    ...around,
    outbox,
    prober: fakeProber(() => up),
    ...idle,
    ...more,
  };
  return { clock, queues, metrics, log, stores, ports };
}

/** Registers a service in a state of the test's choice. */
export async function put({ services }: Stores, document: Registration, state: Partial<State> = {}): Promise<void> {
  const fresh: State = { ...freshState(0), health: 'healthy', ...state };
  await services.register(document, fresh, 0, signal);
}

export const stateOf = async ({ services }: Stores, id = 'billing'): Promise<State> => {
  const stored = await services.read({ tenant: 'default', id }, signal);
  if (!stored) throw new Error(`${id} is not there`);
  return stored.state;
};

/** A pack of one shard, which `schedule` believes to hold this. */
export const packAt = (beat: number, known: Partial<ShardCount> = {}, stepSeconds = 60): PackMessage => ({
  kind: 'pack',
  correlationId: 'round-1',
  beat,
  stepSeconds,
  shards: [{ shard: 0, services: 1, privateServices: 0, unhealthy: 0, fastestSeconds: 60, version: 1, ...known }],
});
