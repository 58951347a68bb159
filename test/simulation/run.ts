// One run: a world made from a seed, days of faults, and then quiet, in which everything must settle.
import { placedSteps } from '../../lambdas/core/registration/check-acts.ts';
import { planFaults } from './faults/all.ts';
import { crashSome } from './faults/last-crash.ts';
import { resistSome } from './faults/last-resistance.ts';
import type { Violation } from './invariants/observer.ts';
import type { Counts } from './stats.ts';
import { drawWeather } from './world/chaos.ts';
import { DAY_MS, HOUR_MS, START } from './world/clocks.ts';
import { QUIET_MS, World } from './world/world.ts';

export type Outcome = Readonly<{
  seed: number;
  days: number;
  /** Service-hours in which there were rounds. */
  serviceHours: number;
  services: number;
  events: number;
  /** The same for the same seed, to the last event. */
  digest: string;
  faults: Counts;
  checks: Counts;
  happened: Counts;
  violation: Violation | undefined;
  /** The whole story of the service that was followed; otherwise empty. */
  story: readonly string[];
}>;
export type Options = Readonly<{
  /** The service whose whole story is kept: `tenant/id`, or any other text for the service with the most changes. */
  following?: string;
  /** Breaks the world in ways that must not happen, to see that this is found. */
  sabotage?: (world: World) => void;
}>;

/** How many lines are kept of each service's story, for the report of a violation. */
const STORY_LINES = 60;
/** How long one restart of a cascade takes if nothing goes wrong. */
const CASCADED_MS = 20 * 60_000;
/** Time for the services to come up before anything goes wrong. */
const SETTLING_MS = 10 * 60_000;

/**
 * Plays a seed to its end, or to the first violation. Nobody reads the stories of a run without violation, and keeping
 * them costs time: a seed with a violation is played again for them.
 */
export async function run(seed: number, days: number, options: Options = {}): Promise<Outcome> {
  if (options.following !== undefined) return await play(seed, days, options, Infinity);
  const outcome = await play(seed, days, options, 0);
  const told = outcome.violation && (await play(seed, days, options, STORY_LINES));
  return told?.violation ? told : outcome;
}

async function play(seed: number, days: number, { following, sabotage }: Options, lines: number): Promise<Outcome> {
  const world = new World(seed, lines);
  const { engine, observer, stats } = world;
  engine.stirAt(START, () => world.services.forEach((service) => world.people.register(service)));
  world.rounds.begin();
  await engine.play(START + SETTLING_MS);

  const end = START + days * DAY_MS;
  sabotage?.(world);
  world.chaos.weather = drawWeather(world.fate.stream('weather'));
  planFaults(world, end);
  await engine.play(end);

  world.becomesQuiet();
  await engine.play(end + quietTimeOf(world));
  if (!observer.violation) await observer.ends();
  if (!observer.violation) {
    // Once more, with nothing else going wrong: what a restart can heal must be healed.
    crashSome(world);
    await engine.play(engine.now + quietTimeOf(world));
    if (!observer.violation) await observer.ends();
  }
  if (!observer.violation && resistSome(world)) {
    // A restart that does not help, the way back, and the next step.
    await engine.play(engine.now + quietTimeOf(world, 2));
    if (!observer.violation) await observer.ends();
  }

  const hours = (engine.now - START) / HOUR_MS - (stats.events['hours without rounds'] ?? 0);
  return {
    seed,
    days,
    serviceHours: Math.max(0, hours) * world.services.length,
    services: world.services.length,
    events: engine.events,
    digest: engine.digest.value,
    faults: stats.faults,
    checks: stats.checks,
    happened: stats.events,
    violation: observer.violation,
    story: following === undefined ? [] : observer.storyOf(following),
  };
}

/**
 * Long enough for the slowest service to be found healthy, after this many restarts with the time of all their acts.
 */
function quietTimeOf({ table, dependencies, services, groupRules }: World, restarts = 1): number {
  const slowest = [...table.items.values()].map(({ stored: { service } }) => {
    const { intervalSeconds } = service.probe;
    const { warmUpSeconds, verifyTimeoutSeconds } = service.restart;
    const beats = (service.policy.failureThreshold + service.policy.successThreshold + 8) * intervalSeconds;
    const acts = placedSteps(service.restart).reduce((sum, { step }) => sum + step.timeoutSeconds, 0);
    const restart = warmUpSeconds + verifyTimeoutSeconds + acts + (service.restart.drain?.timeoutSeconds ?? 0);
    return restarts * (beats + restart) * 1000;
  });
  // A cascade takes time, and most where one restart waits for another.
  const widest = Math.max(...services.map((service) => dependencies.allWith(service).size));
  // Alerts of the very end may have to wait for the end of quiet hours.
  const quietMs = groupRules.quietHours ? QUIET_MS : 0;
  return Math.max(...slowest) + HOUR_MS + widest * CASCADED_MS + quietMs;
}
