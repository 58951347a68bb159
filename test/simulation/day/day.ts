// Plays one bad day of a large fleet, and counts the messages that each kind of receiver gets.
import type { Violation } from '../invariants/observer.ts';
import { CALM } from '../world/chaos.ts';
import { HOUR_MS, START } from '../world/clocks.ts';
import type { SimService } from '../world/sim-service.ts';
import { World } from '../world/world.ts';
import { type Plan, planDay, serviceOf, SETTLING_MS, SHARDS, stormAtOf } from './plan.ts';
import { type Received, Receivers, speaksOf } from './receivers.ts';

export type Day = Readonly<{
  received: Received;
  /** Messages by kind. */
  kinds: ReadonlyMap<string, number>;
  /** Probes of the rounds that failed: the number of messages from a checker that sends an alert for each. */
  failingLooks: number;
  /** Critical alerts that were decided, and those of them that nobody received. */
  critical: number;
  lost: readonly string[];
  /** From the first failing probe of the storm to the first message about it, in ms. */
  stormToldAfterMs: number | undefined;
  violation: Violation | undefined;
}>;

const QUIET_MS = 2 * HOUR_MS;

export async function playDay(plan: Plan): Promise<Day> {
  const { seed, services: many, handling, hours } = plan;
  const stormRules = { share: 0.3, least: handling.folding ? 5 : Infinity, cooldownMs: 120_000 };
  const groupRules = { groupMs: handling.groups ? 60_000 : 0 };
  const services = Array.from({ length: many }, (_, index) => serviceOf(index, plan));
  const world = new World(seed, 40, { shards: SHARDS, services, stormRules, groupRules });
  const { engine, observer } = world;
  world.luck = { failing: 0.1, hanging: 0, refusing: 0 };
  world.chaos.weather = CALM;
  const receivers = new Receivers();
  let stormy: ReadonlySet<SimService> = new Set();
  let stormSeenAt = Infinity;
  let stormToldAt = Infinity;
  world.onNotice.push((notice) => {
    receivers.hear(notice);
    if (engine.now >= stormSeenAt && speaksOf(notice, stormy)) stormToldAt = Math.min(stormToldAt, engine.now);
  });
  let failingLooks = 0;
  const looked = observer.looked.bind(observer);
  observer.looked = (service, isReadiness, answer, invocation) => {
    const { errand } = invocation.memory;
    if (answer.verdict === 'down' && errand && !errand.isAsked && errand.intentId === undefined) failingLooks += 1;
    // A service of the storm may have failed by itself before.
    const isOfStorm = stormy.has(service) && engine.now >= stormAtOf(plan);
    if (answer.verdict === 'down' && isOfStorm) stormSeenAt = Math.min(stormSeenAt, engine.now);
    looked(service, isReadiness, answer, invocation);
  };

  engine.stirAt(START, () => services.forEach((service) => world.people.register(service)));
  world.rounds.begin();
  await engine.play(START + SETTLING_MS);
  if (plan.weather) world.chaos.weather = plan.weather;
  stormy = planDay(world, plan);
  await engine.play(START + hours * HOUR_MS);
  world.becomesQuiet();
  await engine.play(engine.now + QUIET_MS);
  if (!observer.violation) await observer.ends();

  const critical = observer.all.flatMap(({ alerts }) =>
    [...alerts.values()].filter(({ level }) => level === 'critical'),
  );
  return {
    received: receivers.received,
    kinds: receivers.kinds,
    failingLooks,
    critical: critical.length,
    lost: critical.map(({ key }) => key).filter((key) => !receivers.keys.has(key)),
    stormToldAfterMs: Number.isFinite(stormToldAt) ? stormToldAt - stormSeenAt : undefined,
    violation: observer.violation,
  };
}
