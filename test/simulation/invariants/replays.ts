// Rule 8: the same event makes the same state. The events of a write are derived from what the invocation was told; as
// every write begins at the state that the one before it left, the whole life replays.
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
    check(makesAgain(commit, world), () => {
      const lives = [...eventsOf(commit, world)].map((events) => events.map(({ kind }) => kind).join('+'));
      return `none of ${lives.join(', ')} makes that state again`;
    });
  },
};

/** Mostly the first candidate fits, so that the others need not be built. */
function makesAgain(commit: Commit, world: World): boolean {
  const { spec, before, after, now } = commit;
  for (const events of eventsOf(commit, world)) if (isSame(play(spec, before, events, now), after)) return true;
  return false;
}

const play = (spec: Service, state: State, events: readonly ServiceEvent[], now: number): State =>
  events.reduce((before, event) => advance(spec, before, event, now).state, state);

/** What may have happened in this write, likeliest first. */
function* eventsOf(commit: Commit, world: World): Generator<readonly ServiceEvent[]> {
  const { name, jitter, memory } = commit.invocation;
  switch (name) {
    case 'probe':
      for (const fleet of surroundingsOf(commit, world))
        yield [...counts(commit), ...looks(commit, fleet), { kind: 'ticked', jitter }];
      return;
    case 'restart': {
      for (const event of cascadeEvents(commit)) yield [event];
      const restartId = commit.wasRunning?.id ?? '';
      for (const report of reportsOf(commit, world)) yield [{ kind: 'reported', restartId, report, jitter }];
      return;
    }
    case 'alert':
      yield* alertEvents(commit);
      return;
    case 'api':
      if (memory.wish) yield [memory.wish];
      return;
    case 'rollup':
      if (memory.trend) yield [memory.trend];
      return;
    case 'schedule':
  }
}

/**
 * As the invocation was told; and with a storm, or an essential dependency that is down, both of which it finds out
 * itself.
 */
function* surroundingsOf({ invocation, after, spec, service }: Commit, world: World): Generator<Surroundings> {
  const { control = freshFleet } = invocation.memory;
  yield control;
  // A restart that a storm holds, or keeps from being taken back, names the storm; that text stays for long.
  const [, ofOutcome] = after.restart?.outcome?.split('it was not taken back: ') ?? [];
  // A storm that only kept reminders back is named nowhere.
  const isNoted = world.fleet.storms.storms.some(({ group }) => service.groups.names.includes(group));
  const unsaid = isNoted ? 'a storm that is noted' : undefined;
  const told = [ofOutcome, after.restart?.held, after.incident?.held, unsaid].filter((storm) => storm !== undefined);
  const storms: readonly Surroundings[] = told.map((storm) => ({ ...control, storm }));
  yield* storms;
  for (const edge of spec.dependsOn.filter(({ essential }) => essential)) {
    const dependencies = [{ ...edge, isDown: true }];
    for (const sky of [control, ...storms]) yield { ...sky, dependencies };
  }
}

/** For a count of requests under way, which takes the place of a probe. */
function counts({ wasRunning, invocation }: Commit): readonly ServiceEvent[] {
  const { counted, errand, seen } = invocation.memory;
  // Nothing is counted if the wait was removed from the registration meanwhile.
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
  // A probe that was written down is written whole; of any other only the verdict matters.
  const observation: Observation = after.last?.beat === beat ? after.last : { ...look, verdict };
  const { beat: _beat, ...bare } = { beat, ...observation };
  const common = { kind: 'probed', beat, observation: bare, fleet, jitter: invocation.jitter } as const;
  // A probe of a round has no asker and no intent.
  return [isAsked || intentId !== undefined ? { ...common, intentId, asked: isAsked } : common];
}

function* reportsOf(commit: Commit, world: World): Generator<Report> {
  const { invocation, after } = commit;
  const { inspection, order, progress, evidence, hopeless } = invocation.memory;
  const before = inspection?.kind === 'ready' ? inspection.identity : '';
  const leaseUntil = after.restart?.leaseUntil ?? invocation.clock.now();
  yield { kind: 'progress', ...(progress?.kind === 'running' && { evidence: progress.evidence }) };
  for (const fleet of surroundingsOf(commit, world)) {
    yield { kind: 'begun', before, leaseUntil, fleet };
    yield { kind: 'waiting', reason: after.restart?.waitsFor ?? '', fleet };
    yield { kind: 'unsent', fleet };
  }
  if (inspection?.kind === 'refused') yield* [inspection, { kind: 'failed', reason: inspection.reason } as const];
  if (evidence) yield { kind: 'evidence', text: evidence };
  if (order) yield { kind: 'sent', ...order };
  if (progress && progress.kind !== 'running') yield progress;
  if (!hopeless) return;
  yield { kind: 'refused', reason: hopeless, isBegun: true };
  yield { kind: 'failed', reason: hopeless };
  yield { kind: 'failed', reason: hopeless, isInDoubt: true };
}

function* alertEvents({ before, after }: Commit): Generator<readonly ServiceEvent[]> {
  const isLeft = (id: string) => after.intents.some((intent) => intent.id === id);
  for (const event of warningsIn(before, after)) yield [event];
  const halves = (['told', 'on_bus'] as const).map((half) => {
    const isNew = (intent: Intent) =>
      intent.half === half && before.intents.every(({ id, half: was }) => id !== intent.id || was !== half);
    return { kind: 'half_done', half, intentIds: after.intents.filter(isNew).map(({ id }) => id) } as const;
  });
  const struckOff = before.intents.filter(({ id }) => !isLeft(id)).map(({ id }) => id);
  yield [{ kind: 'carried_out', intentIds: struckOff }, ...halves];
  const claimed = after.intents.filter((intent) => {
    const was = before.intents.find(({ id }) => id === intent.id);
    return was?.claimedUntil !== intent.claimedUntil;
  });
  yield [{ kind: 'claimed', intentIds: claimed.map(({ id }) => id), until: claimed[0]?.claimedUntil ?? 0 }];
}

/** For dependencies that are down and that the service can work without. */
function warningsIn(before: State, { warnedOf = [], intents }: State): readonly ServiceEvent[] {
  const newest = warnedOf.at(-1);
  if (!newest || before.warnedOf === warnedOf) return [];
  return intents.flatMap((intent) =>
    intent.kind === 'record' && intent.record.kind === 'dependency_down' && intent.record.incidentId !== undefined
      ? [{ kind: 'dependency_down', ...newest, incidentId: intent.record.incidentId } as const]
      : [],
  );
}
