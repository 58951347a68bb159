// The fleet of a run: how many services there are, how they are probed, and what may be done to them, all drawn.
import { shardOf } from '../../../lambdas/core/values/hash.ts';
import type { Random } from '../engine/random.ts';
import { SimService } from './sim-service.ts';

/** The window of flapping, in minutes: after that long without an outage the last flapping service is steady. */
const FLAPPING_MINUTES = 20;

/** Most fleets are probed every minute or less often; some far more often. */
const PACES = [
  [60],
  [60, 120, 300],
  [60, 300, 600],
  [10, 60],
  [10, 15, 20, 30, 45, 60],
  [30, 60, 90, 300, 900, 1_800],
] as const;

export function drawFleet(random: Random, shards: number, now: number): SimService[] {
  const pace = random.pick(PACES);
  const size = random.int(4, 48);
  return Array.from({ length: size }, (_, index) => {
    const key = { tenant: index % 7 === 0 ? 'other' : 'default', id: `s-${index}` };
    return new SimService(index, key, shardOf(key.tenant, key.id, shards), drawDocument(random, key, pace), now);
  });
}

/** A registration document that the API accepts. */
export function drawDocument(
  random: Random,
  { tenant, id }: SimService['key'],
  pace: readonly number[],
): Readonly<Record<string, unknown>> {
  const intervalSeconds = random.pick(pace);
  const retries = random.int(0, 2);
  const isReadied = random.chance(0.15);
  const looks = (retries + 1) * (isReadied ? 2 : 1);
  const timeoutSeconds = Math.min(
    random.pick([1, 3, 5]),
    Math.floor((Math.min(intervalSeconds, 40) / looks) * 10) / 10,
  );
  const target = { kind: 'tcp', host: `${id}.example.com`, port: 443, timeoutSeconds, retries };
  const failureThreshold = random.int(1, 5);
  const failures = random.int(failureThreshold, failureThreshold + 2);
  const successThreshold = random.int(1, 4);
  return {
    id,
    tenant,
    probe: { ...(isAskedOfEcs(id) ? ecsProbeOf(id, target) : target), intervalSeconds },
    ...(isReadied && { readiness: { ...target, port: 8_443 } }),
    policy: {
      profile: random.pick(['standard', 'standard', 'critical', 'non-critical']),
      failureThreshold,
      successThreshold,
      ...(random.chance(0.3) && { window: { failures, of: failures + random.int(0, 6) } }),
    },
    restart: drawRestarts(random, id, successThreshold),
    alerts: {
      ...(random.chance(0.9) && { enabled: true }),
      minLevel: random.pick(['info', 'info', 'warning', 'error', 'critical']),
      ...noiseOf(Number(id.slice(2))),
    },
  };
}

/** One service in ten has an `ecs` probe. Not drawn, so that everything else of a seed stays the same. */
const isAskedOfEcs = (id: string): boolean => Number(id.slice(2)) % 10 === 2;
const ecsProbeOf = (
  id: string,
  { timeoutSeconds, retries }: Readonly<{ timeoutSeconds: number; retries: number }>,
) => ({
  ...{ kind: 'ecs', cluster: 'prod', service: id, timeoutSeconds, retries },
  graceSeconds: [60, 120, 300][Number(id.slice(2)) % 3],
});

/** Not drawn, so that everything else of a seed stays the same. */
const noiseOf = (index: number) => ({
  flapping: { incidents: [0, 2, 3, 4][index % 4], windowMinutes: FLAPPING_MINUTES },
  remindAfterMinutes: [0, 2, 30][index % 3],
  escalateAfterMinutes: [0, 15][index % 2],
});

function drawRestarts(random: Random, id: string, successThreshold: number): Readonly<Record<string, unknown>> {
  const timeoutSeconds = random.pick([30, 120, 900]);
  const ecs = { kind: 'ecs', cluster: 'prod', service: id, timeoutSeconds };
  const ssm = {
    kind: 'ssm',
    document: 'Lamplighter-RestartLinux',
    instanceIds: [`i-${(0xabc000 + Number(id.slice(2))).toString(16)}`],
    parameters: { unit: 'app' },
  };
  const steps = random.pick([[ecs], [ecs], [ssm], [ssm, ecs], [ecs, ssm, ecs], []]);
  const backoffSeconds = random.pick([0, 10, 60, 300]);
  return {
    steps,
    ...(steps.length > 0 && random.chance(0.2) && { mode: random.pick(['off', 'observe']) }),
    maxRestarts: random.int(1, 6),
    windowSeconds: random.pick([60, 300, 600, 3_600, 7_200, 86_400]),
    warmUpSeconds: random.pick([0, 5, 30, 120]),
    // Now and then the least that may be registered.
    verifyTimeoutSeconds: Math.max(random.pick([10, 60, 120, 600]), 5 * (successThreshold - 1)),
    backoffSeconds,
    maxBackoffSeconds: Math.max(backoffSeconds, random.pick([60, 300, 3_600])),
  };
}
