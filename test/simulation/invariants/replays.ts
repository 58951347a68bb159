// Rule 8: the same event makes the same state. The events of a write are put together from what the invocation was told;
// as every write begins at the state that the one before it left, the whole life replays.
import { advance } from '../../../lambdas/core/health/advance.ts';
import type { Report, ServiceEvent } from '../../../lambdas/core/model/events.ts';
import { freshFleet, type Surroundings } from '../../../lambdas/core/model/fleet.ts';
import type { Intent } from '../../../lambdas/core/model/intents.ts';
import type { Observation } from '../../../lambdas/core/model/observation.ts';
import type { Service } from '../../../lambdas/core/model/service.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import type { World } from '../world/world.ts';
import { cascadeEvents } from './cascade-events.ts';
import type { Commit, Invariant } from './invariant.ts';
import { isSame } from './is-same.ts';

export const replays: Invariant = {
  name: '8 the same events make the same state',
  onCommit(commit, check, world) {
    const { spec, before, after, now } = commit;
    const lives = eventsOf(commit, world);
    check(
      lives.some((events) => isSame(play(spec, before, events, now), after)),
      () =>
        `none of ${lives.map((events) => events.map(({ kind }) => kind).join('+')).join(', ')} makes that state again`,
    );
  },
};

const play = (spec: Service, state: State, events: readonly ServiceEvent[], now: number): State =>
  events.reduce((before, event) => advance(spec, before, event, now).state, state);

/** What may have happened in this write, likeliest first. */
function eventsOf(commit: Commit, world: World): readonly (readonly ServiceEvent[])[] {
  switch (commit.invocation.name) {
    case 'probe':
      return surroundingsOf(commit, world).map((fleet) => [
        ...counts(commit),
        ...looks(commit, fleet),
        { kind: 'ticked', jitter: commit.invocation.jitter },
      ]);
    case 'restart':
      return [
        ...cascadeEvents(commit).map((event) => [event]),
        ...reportsOf(commit, world).map((report) => {
          const restartId = commit.wasRunning?.id ?? '';
          return [{ kind: 'reported', restartId, report, jitter: commit.invocation.jitter } as const];
        }),
      ];
    case 'alert':
      return alertEvents(commit);
    case 'api':
      return commit.invocation.memory.wish ? [[commit.invocation.memory.wish]] : [];
    case 'rollup':
      return commit.invocation.memory.trend ? [[commit.invocation.memory.trend]] : [];
    case 'schedule':
      return [];
  }
}

/** As the invocation was told; with a storm over it or one that it stands on down, which it finds out itself. */
function surroundingsOf({ invocation, after, spec, service }: Commit, world: World): readonly Surroundings[] {
  const { control = freshFleet } = invocation.memory;
  // A restart that a storm stops, or keeps from being taken back, says so itself; what it said stands there for long.
  const [, ofOutcome] = after.restart?.outcome?.split('it was not taken back: ') ?? [];
  // One that only kept people from being reminded says so nowhere.
  const isNoted = world.fleet.storms.storms.some(({ group }) => service.groups.names.includes(group));
  const unsaid = isNoted ? 'a storm that is noted' : undefined;
  const told = [ofOutcome, after.restart?.held, after.incident?.held, unsaid].filter((storm) => storm !== undefined);
  const skies: readonly Surroundings[] = [control, ...told.map((storm) => ({ ...control, storm }))];
  const failed = spec.dependsOn.filter(({ essential }) => essential).map((edge) => [{ ...edge, isDown: true }]);
  return [...skies, ...failed.flatMap((dependencies) => skies.map((sky) => ({ ...sky, dependencies })))];
}

/** Requests under way are counted instead of looking. */
function counts({ wasRunning, invocation }: Commit): readonly ServiceEvent[] {
  const { counted, errand, seen } = invocation.memory;
  // Nobody is asked when the wait was taken out of the registration meanwhile.
  const isCount = counted !== undefined || (wasRunning?.phase === 'waiting_requests' && seen.size === 0);
  if (!isCount || !errand?.intentId) return [];
  const { jitter } = invocation;
  return [{ kind: 'drained', restartId: wasRunning?.id ?? '', ...counted, intentId: errand.intentId, jitter }];
}

function looks({ verdict, service, after, invocation }: Commit, fleet: Surroundings): readonly ServiceEvent[] {
  const { errand, seen } = invocation.memory;
  const look = seen.get(service);
  if (!errand || !look || !verdict) return [];
  const { beat, isAsked, intentId } = errand;
  // A look that was written down is written whole; of any other only the verdict matters.
  const observation: Observation = after.last?.beat === beat ? after.last : { ...look, verdict };
  const { beat: _beat, ...bare } = { beat, ...observation };
  const common = { kind: 'probed', beat, observation: bare, fleet, jitter: invocation.jitter } as const;
  // A look of a round knows neither who asked nor why.
  return [isAsked || intentId !== undefined ? { ...common, intentId, asked: isAsked } : common];
}

function reportsOf(commit: Commit, world: World): readonly Report[] {
  const { invocation, after } = commit;
  const { inspection, order, progress, evidence, hopeless } = invocation.memory;
  const before = inspection?.kind === 'ready' ? inspection.identity : '';
  const leaseUntil = after.restart?.leaseUntil ?? invocation.clock.now();
  const reports: Report[] = [
    { kind: 'progress' },
    ...surroundingsOf(commit, world).flatMap((fleet): Report[] => [
      { kind: 'begun', before, leaseUntil, fleet },
      { kind: 'waiting', reason: after.restart?.waitsFor ?? '', fleet },
    ]),
  ];
  if (inspection?.kind === 'refused') reports.push(inspection, { kind: 'failed', reason: inspection.reason });
  if (evidence) reports.push({ kind: 'evidence', text: evidence });
  if (order) reports.push({ kind: 'sent', ...order });
  if (progress && progress.kind !== 'running') reports.push(progress);
  if (hopeless) reports.push({ kind: 'failed', reason: hopeless });
  return reports;
}

function alertEvents({ before, after }: Commit): readonly (readonly ServiceEvent[])[] {
  const isLeft = (id: string) => after.intents.some((intent) => intent.id === id);
  const claimed = after.intents.filter((intent) => {
    const was = before.intents.find(({ id }) => id === intent.id);
    return was?.claimedUntil !== intent.claimedUntil;
  });
  const until = claimed[0]?.claimedUntil ?? 0;
  const halves = (['told', 'on_bus'] as const).map((half) => {
    const isNew = (intent: Intent) =>
      intent.half === half && before.intents.every(({ id, half: was }) => id !== intent.id || was !== half);
    return { kind: 'half_done', half, intentIds: after.intents.filter(isNew).map(({ id }) => id) } as const;
  });
  const struckOff = before.intents.filter(({ id }) => !isLeft(id)).map(({ id }) => id);
  return [
    ...warningsIn(before, after).map((event) => [event]),
    [{ kind: 'carried_out', intentIds: struckOff }, ...halves],
    [{ kind: 'claimed', intentIds: claimed.map(({ id }) => id), until }],
  ];
}

/** Of something that it stands on and can work without. */
function warningsIn(before: State, { warnedOf = [], intents }: State): readonly ServiceEvent[] {
  const newest = warnedOf.at(-1);
  if (!newest || before.warnedOf === warnedOf) return [];
  return intents.flatMap((intent) =>
    intent.kind === 'record' && intent.record.kind === 'dependency_down' && intent.record.incidentId !== undefined
      ? [{ kind: 'dependency_down', ...newest, incidentId: intent.record.incidentId } as const]
      : [],
  );
}
