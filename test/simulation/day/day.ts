// One bad day of a large fleet: a dead database with all that needs it, a storm, services that flap, and the usual single
// failures. What each kind of receiver gets of it is counted, with noise handling and without.
import { shardOf } from '../../../lambdas/core/values/hash.ts';
import type { Notice } from '../../../lambdas/ports.ts';
import { befalls } from '../faults/fault.ts';
import type { Violation } from '../invariants/observer.ts';
import { CALM, type Chaos } from '../world/chaos.ts';
import { HOUR_MS, MINUTE_MS, START } from '../world/clocks.ts';
import { SimService } from '../world/sim-service.ts';
import { World } from '../world/world.ts';

export type Handling = Readonly<{
  /** What comes together is told together. */
  groups: boolean;
  /** What fails because of something else is told with it: a dependency, a storm. */
  folding: boolean;
}>;
export type Plan = Readonly<{
  seed: number;
  services: number;
  flapping: number;
  dependents: number;
  singles: number;
  hours: number;
  handling: Handling;
  weather?: Chaos['weather'];
}>;
export type Day = Readonly<{
  /** Messages by receiver: mail of everything, SMS of what is critical, a chat of warnings and above. */
  received: Readonly<{ email: number; sms: number; chat: number }>;
  /** Failing looks: what a checker would send that sends an alert for each. */
  failingLooks: number;
  /** Critical alerts that were decided, and those of them that nobody got. */
  critical: number;
  lost: readonly string[];
  /** From the first failing look of the storm to the first message that speaks of it, ms. */
  stormToldAfterMs: number | undefined;
  violation: Violation | undefined;
}>;

const SHARDS = 16;
const PROJECTS = 20;
const SETTLING_MS = 10 * MINUTE_MS;
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
  const heard = { email: 0, sms: 0, chat: 0 };
  const keys = new Set<string>();
  let stormSeenAt = Infinity;
  let stormToldAt = Infinity;
  world.onNotice.push((notice) => {
    heard.email += 1;
    if (isFor(notice, ['critical'])) heard.sms += 1;
    if (isFor(notice, ['warning', 'error', 'critical'])) heard.chat += 1;
    for (const key of keysIn(notice)) keys.add(key);
    if (engine.now < stormSeenAt) return;
    const isOfStorm = notice.attributes['kind'] === 'storm';
    if (isOfStorm || speaksOf(notice, stormy)) stormToldAt = Math.min(stormToldAt, engine.now);
  });
  let failingLooks = 0;
  const looked = observer.looked.bind(observer);
  observer.looked = (service, isReadiness, answer, invocation) => {
    if (answer.verdict === 'down') failingLooks += 1;
    // It may have failed by itself before.
    const isOfStorm = stormy.has(service) && engine.now >= stormAtOf(plan);
    if (answer.verdict === 'down' && isOfStorm) stormSeenAt = Math.min(stormSeenAt, engine.now);
    looked(service, isReadiness, answer, invocation);
  };
  const stormy = new Set<SimService>();

  engine.stirAt(START, () => services.forEach((service) => world.people.register(service)));
  world.rounds.begin();
  await engine.play(START + SETTLING_MS);
  if (plan.weather) world.chaos.weather = plan.weather;
  planDay(world, plan, stormy);
  await engine.play(START + hours * HOUR_MS);
  world.becomesQuiet();
  await engine.play(engine.now + QUIET_MS);
  if (!observer.violation) await observer.ends();

  const critical = observer.all.flatMap(({ alerts }) =>
    [...alerts.values()].filter(({ level }) => level === 'critical'),
  );
  return {
    received: heard,
    failingLooks,
    critical: critical.length,
    lost: critical.map(({ key }) => key).filter((key) => !keys.has(key)),
    stormToldAfterMs: Number.isFinite(stormToldAt) ? stormToldAt - stormSeenAt : undefined,
    violation: observer.violation,
  };
}

/** The first is the database; then come those that need it, those that flap, and all others. */
function serviceOf(index: number, { dependents, flapping, handling }: Plan): SimService {
  const key = { tenant: 'default', id: `s-${index}` };
  const needsIt = index > 0 && index <= dependents;
  // One that flaps seems healed by every restart: its budget is a large one, or each flap would be critical.
  const isFlapping = index > dependents && index <= dependents + flapping;
  const project = `p-${index <= dependents ? 0 : 1 + (index % (PROJECTS - 1))}`;
  const probe = { kind: 'tcp', host: `${key.id}.example.com`, port: 443, intervalSeconds: 60, timeoutSeconds: 3 };
  const step = { kind: 'ecs', cluster: 'prod', service: key.id, timeoutSeconds: 120 };
  const document = {
    ...key,
    ...{ probe, project, policy: { failureThreshold: 3, successThreshold: 2 } },
    restart: {
      steps: index === 0 ? [] : [step],
      maxRestarts: isFlapping ? 50 : 2,
      backoffSeconds: 60,
      warmUpSeconds: 10,
    },
    ...(needsIt && handling.folding && { dependsOn: [{ service: 's-0', essential: true }] }),
  };
  const service = new SimService(index, key, shardOf(key.tenant, key.id, SHARDS), document, START);
  service.groups = { document: {}, names: ['fleet', `project ${project}`] };
  return service;
}

/** Between two rounds, so that the next one sees all of it. */
const stormAtOf = ({ hours }: Plan): number =>
  Math.ceil((START + SETTLING_MS + (hours * HOUR_MS) / 2) / MINUTE_MS) * MINUTE_MS + 20_000;

function planDay(world: World, plan: Plan, stormy: Set<SimService>): void {
  const { dependents, flapping, singles, hours } = plan;
  const { engine, services } = world;
  const draw = world.fate.stream('day');
  const [begin, hourMs] = [engine.now, (hours * HOUR_MS) / 24];
  const breaks = (service: SimService | undefined, at: number, forMs: number, isHealedByRestart = false) =>
    engine.at(Math.round(at), () => {
      const ailment = { kind: 'outage', verdict: 'down', cause: 'refused', isHealedByRestart } as const;
      if (service) befalls(world, service, ailment, forMs);
    });
  // The database, and seconds later all that needs it.
  for (const service of services.slice(0, dependents + 1))
    breaks(service, begin + 4 * hourMs + draw.int(0, 20_000), 40 * MINUTE_MS);
  const others = services.slice(dependents + 1);
  for (const service of others.slice(0, flapping))
    for (let at = begin + draw.int(0, 600_000); at < begin + 20 * hourMs; at += 15 * MINUTE_MS)
      breaks(service, at, 6 * MINUTE_MS);
  const stormAt = stormAtOf(plan);
  for (const service of others.slice(flapping).filter(() => draw.chance(0.5))) {
    stormy.add(service);
    breaks(service, stormAt + draw.int(0, 10_000), 30 * MINUTE_MS);
  }
  // Half of them are healed by a restart; the others need a person.
  for (let nth = 0; nth < singles; nth += 1)
    breaks(draw.pick(others), begin + draw.between(0, 20) * hourMs, 90 * MINUTE_MS, nth % 2 === 0);
}

type Document = Readonly<{ deduplicationKey: string; group: Readonly<{ alerts: readonly Document[] }> | null }> &
  Readonly<{ service: Readonly<{ id: string }> | null }>;
const documentsIn = ({ json }: Notice): readonly Document[] => {
  const document = JSON.parse(json) as Document;
  return document.group?.alerts ?? [document];
};
const keysIn = (notice: Notice) => documentsIn(notice).map(({ deduplicationKey }) => deduplicationKey);
const speaksOf = (notice: Notice, services: ReadonlySet<SimService>): boolean => {
  const ids = new Set([...services].map(({ key }) => key.id));
  return documentsIn(notice).some(({ service }) => service !== null && ids.has(service.id));
};
/** As a filter policy of SNS decides. */
const isFor = ({ attributes }: Notice, levels: readonly string[]): boolean =>
  [attributes['level'] ?? []].flat().some((level) => levels.includes(level));
