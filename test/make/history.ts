// Random lives of a service for property tests: moves are drawn, time only goes forward, and each move is turned into
// an event that fits (or, on purpose, does not fit) the state it meets.
import fc from 'fast-check';

import { advance } from '../../lambdas/core/health/advance.ts';
import type { Report, ServiceEvent } from '../../lambdas/core/model/events.ts';
import type { Surroundings } from '../../lambdas/core/model/fleet.ts';
import { type Verdict, verdicts } from '../../lambdas/core/model/observation.ts';
import type { Service } from '../../lambdas/core/model/service.ts';
import type { State } from '../../lambdas/core/model/state.ts';
import type { Step } from '../../lambdas/core/model/step.ts';
import { orderId } from '../../lambdas/core/restart/restart-plan.ts';
import { cancel, probed, reported, request, tick, trendSeen } from './event.ts';
import { ecsStep, makeService, ssmStep } from './service.ts';
import { makeState, T0 } from './state.ts';

const reportKinds = ['begun', 'evidence', 'sent', 'progress', 'changed', 'failed', 'refused', 'unsent'] as const;

/** `beat`: 0 is now, 1 the last one counted, more is older; `nth` picks among the pending intents. */
type Move = Readonly<{ waitMs: number; jitter: number }> &
  (
    | Readonly<{ kind: 'verdict'; verdict: Verdict; beat: number; restartsOn: boolean; asked: boolean; around: number }>
    | Readonly<{ kind: 'look'; verdict: Verdict }>
    | Readonly<{ kind: 'report'; report: (typeof reportKinds)[number]; isRight: boolean; around: number }>
    | Readonly<{ kind: 'request'; force: boolean; cascade: boolean }>
    | Readonly<{ kind: 'cascade'; found: number }>
    | Readonly<{ kind: 'dependency'; since: number }>
    | Readonly<{ kind: 'trend'; seen: 'latency' | 'errors' | 'none'; agoMs: number }>
    | Readonly<{ kind: 'claim' | 'carry_out'; nth: readonly number[] }>
    | Readonly<{ kind: 'drain'; active: number }>
    | Readonly<{ kind: 'pause' | 'acknowledge'; forMs: number }>
    | Readonly<{ kind: 'tick' | 'cancel' | 'resume' }>
  );

const waits = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 30_000, max: 150_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 150_000, max: 2_000_000 }) },
);
const common = { waitMs: waits, jitter: fc.double({ min: 0, max: 0.999, noNaN: true }) };
const nth = fc.array(fc.nat(9), { maxLength: 6 });
const usually = (weight: number) => fc.nat(99).map((drawn) => drawn < weight);

const verdictMove = fc.record({
  ...common,
  kind: fc.constant('verdict' as const),
  verdict: fc.constantFrom<Verdict>('down', 'down', 'down', 'up', 'up', 'slow', 'unknown'),
  beat: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2),
  restartsOn: usually(90),
  asked: usually(10),
  around: fc.nat(19),
});
/** The same move several times over, because otherwise thresholds would hardly ever be reached. */
const run = fc
  .tuple(verdictMove, fc.integer({ min: 1, max: 4 }))
  .map(([move, count]): Move[] => Array.from({ length: count }, () => ({ ...move, waitMs: Math.max(1, move.waitMs) })));

const single = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...common, kind: fc.constant('tick' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...common,
      kind: fc.constant('look' as const),
      verdict: fc.constantFrom(...verdicts, 'up'),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      ...common,
      kind: fc.constant('report' as const),
      report: fc.constantFrom(...reportKinds),
      isRight: usually(90),
      around: fc.nat(9),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...common,
      kind: fc.constant('request' as const),
      force: fc.boolean(),
      cascade: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...common, kind: fc.constant('cascade' as const), found: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...common,
      kind: fc.constant('dependency' as const),
      since: fc.integer({ min: T0, max: T0 + 2_000_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...common,
      kind: fc.constant('trend' as const),
      seen: fc.constantFrom('latency', 'latency', 'errors', 'none', 'none'),
      agoMs: fc.constantFrom(0, 0, 0, 900_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...common, kind: fc.constant('cancel' as const) }) },
  { weight: 1, arbitrary: fc.record({ ...common, kind: fc.constant('resume' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...common,
      kind: fc.constantFrom('pause' as const, 'acknowledge' as const, 'acknowledge' as const),
      forMs: fc.constantFrom(30_000, 300_000, Number.POSITIVE_INFINITY),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ ...common, kind: fc.constant('drain' as const), active: fc.constantFrom(0, 2) }),
  },
  { weight: 2, arbitrary: fc.record({ ...common, kind: fc.constant('claim' as const), nth }) },
  { weight: 3, arbitrary: fc.record({ ...common, kind: fc.constant('carry_out' as const), nth }) },
);
/** A whole restart with nothing in between. */
const restarting = fc.tuple(waits, fc.boolean()).map(([waitMs, isWell]): Move[] =>
  (['begun', 'evidence', 'sent', 'progress', isWell ? 'changed' : 'failed'] as const).map((report) => ({
    kind: 'report',
    report,
    isRight: true,
    around: 9,
    waitMs: Math.min(waitMs, 20_000),
    jitter: 0,
  })),
);

/** A restart that is verified, and what follows it. */
const cascading = fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)).map((drawn): Move[] => {
  const soon = { waitMs: 11_000, jitter: 0 };
  const seenUp = { kind: 'verdict', verdict: 'up', beat: 0, restartsOn: true, asked: false, around: 19 } as const;
  const well = Array.from({ length: 3 }, (): Move => ({ ...soon, waitMs: 61_000, ...seenUp }));
  return [
    ...well,
    { ...soon, kind: 'request', force: true, cascade: true },
    ...(['begun', 'sent', 'changed'] as const).map((report): Move => ({
      ...soon,
      kind: 'report',
      report,
      isRight: true,
      around: 9,
    })),
    ...well,
    ...drawn.map((found): Move => ({ ...soon, kind: 'cascade', found })),
  ];
});

export const moves: fc.Arbitrary<readonly Move[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: run },
      { weight: 5, arbitrary: single.map((move) => [move]) },
      { weight: 1, arbitrary: restarting },
      { weight: 1, arbitrary: cascading },
    ),
    { minLength: 5, maxLength: 80, size: 'max' },
  )
  .map((parts) => parts.flat());

/** Services that differ in everything that the reducer reads. */
export const services: fc.Arbitrary<Service> = fc
  .record({
    intervalSeconds: fc.constantFrom(10, 60),
    failureThreshold: fc.integer({ min: 1, max: 3 }),
    successThreshold: fc.integer({ min: 1, max: 3 }),
    maxRestarts: fc.integer({ min: 1, max: 3 }),
    windowSeconds: fc.constantFrom(60, 600, 3_600),
    backoffSeconds: fc.constantFrom(0, 10),
    warmUpSeconds: fc.constantFrom(0, 15),
    mode: fc.constantFrom('on', 'on', 'on', 'on', 'observe', 'off'),
    steps: fc.constantFrom<(typeof ecsStep | typeof ssmStep)[]>([ecsStep], [ecsStep, ssmStep]),
    before: fc.constantFrom(undefined, undefined, ssmStep),
    after: fc.constantFrom(undefined, undefined, ssmStep),
    rollback: fc.constantFrom(undefined, { ...ecsStep, action: 'rollback' as const }),
    drain: fc.constantFrom(undefined, { activeRequestsUrl: 'https://billing.example.com/active', timeoutSeconds: 20 }),
    minLevel: fc.constantFrom('info', 'info', 'warning', 'error', 'critical'),
    enabled: usually(90),
    noise: fc.record({
      flapping: fc.constantFrom({}, { incidents: 0 }, { incidents: 2, windowMinutes: 5 }, { incidents: 2 }),
      remindAfterMinutes: fc.constantFrom(undefined, 0, 1),
      escalateAfterMinutes: fc.constantFrom(0, 2),
    }),
  })
  .map(({ intervalSeconds, failureThreshold, successThreshold, minLevel, enabled, noise, ...restart }) =>
    makeService({
      probe: { kind: 'heartbeat', intervalSeconds },
      policy: { failureThreshold, successThreshold },
      restart: { ...restart, verifyTimeoutSeconds: 60 },
      alerts: { minLevel, enabled, ...noise },
      dependsOn: [{ service: 'mail', essential: false }],
    }),
  );

export type Moment = Readonly<{ before: State; event: ServiceEvent; now: number; step: Step }>;

/** Plays the moves; every input is frozen, so that changing one throws. */
export function live(service: Service, history: readonly Move[], start: State = makeState()): readonly Moment[] {
  deepFreeze(service);
  let before = deepFreeze(start);
  let now = T0;
  return history.map((move) => {
    now += move.waitMs;
    const event = deepFreeze(eventOf(move, before, now));
    const step = advance(service, before, event, now);
    const moment = { before, event, now, step };
    before = deepFreeze(step.state);
    return moment;
  });
}

function eventOf(move: Move, state: State, now: number): ServiceEvent {
  const { jitter } = move;
  switch (move.kind) {
    case 'verdict': {
      const beat = [now, state.lastBeat][move.beat] ?? state.lastBeat - move.beat;
      return probed(move.verdict, beat, { jitter, asked: move.asked, fleet: aroundOf(move) });
    }
    case 'look': {
      const look = state.intents.find((intent) => intent.kind === 'probe');
      return look?.kind === 'probe' && look.dueAt <= now
        ? probed(move.verdict, look.dueAt, { jitter, intentId: look.id })
        : tick(jitter);
    }
    case 'report':
      return reported(
        move.isRight ? (state.restart?.id ?? 'none') : 'rst-wrong',
        reportOf(move, now),
        jitter,
        state.restart && orderId(state.restart),
      );
    case 'drain': {
      const look = state.intents.find((intent) => intent.kind === 'probe');
      const { id: restartId = 'none' } = state.restart ?? {};
      return { kind: 'drained', restartId, active: move.active, intentId: look?.id ?? 'none', jitter };
    }
    case 'pause':
      return { kind: 'paused', by: 'ada', until: Number.isFinite(move.forMs) ? now + move.forMs : undefined };
    case 'acknowledge':
      return { kind: 'acknowledged', by: 'eve', until: Number.isFinite(move.forMs) ? now + move.forMs : undefined };
    case 'resume':
      return { kind: 'resumed', by: 'ada' };
    case 'request':
      return request({ force: move.force, cascade: move.cascade });
    case 'cascade':
      return cascadeOf(move.found, state);
    case 'dependency':
      return { kind: 'dependency_down', service: 'mail', incidentId: `inc-mail-${move.since}`, since: move.since };
    case 'trend':
      return trendSeen(now - move.agoMs, move.seen === 'none' ? undefined : move.seen);
    case 'cancel':
      return cancel;
    case 'claim':
      return { kind: 'claimed', intentIds: idsOf(move.nth, state), until: now + 20_000 };
    case 'carry_out':
      return { kind: 'carried_out', intentIds: idsOf(move.nth, state) };
    case 'tick':
      return tick(jitter);
  }
}

/** What was found of a cascade: mostly that its level is done, so that cascades come to an end. */
function cascadeOf(drawn: number, { cascade }: State): ServiceEvent {
  const level = cascade?.level ?? 0;
  const sights = [
    {
      service: 'shop',
      outcome: drawn === 4 ? 'passed_over' : drawn === 5 ? 'failed' : 'done',
      reason: 'because',
    } as const,
  ];
  const found = cascade?.levels
    ? ({ kind: 'looked', level, sights } as const)
    : ({ kind: 'planned', levels: drawn === 3 ? [] : [['shop'], ['mobile']] } as const);
  return { kind: 'cascaded', restartId: cascade?.restartId ?? 'none', found };
}

/** Mostly all is well around the service; sometimes a dependency is down, or there is a storm. */
function aroundOf({ restartsOn, around }: { restartsOn: boolean; around: number }): Surroundings {
  if (around === 0) return { restartsOn, storm: 'too much fails together' };
  if (around === 1) return { restartsOn, dependencies: [{ service: 'ledger-db', essential: true, isDown: true }] };
  return { restartsOn };
}

const idsOf = (numbers: readonly number[], state: State) =>
  numbers.flatMap((index) => {
    const intent = state.intents[index];
    // Restarts and probes are struck off by the events that follow from them.
    return intent && (intent.kind === 'alert' || intent.kind === 'record') ? [intent.id] : [];
  });

function reportOf(
  { report: kind, around }: { report: (typeof reportKinds)[number]; around: number },
  now: number,
): Report {
  switch (kind) {
    case 'begun':
      return { kind, before: 'old', leaseUntil: now + 20_000, fleet: aroundOf({ restartsOn: true, around }) };
    case 'evidence':
      return { kind, text: 'task stopped: OutOfMemory' };
    case 'sent':
      return { kind, handle: 'new', adopted: now % 2 === 0 };
    case 'progress':
      return { kind };
    case 'unsent':
      return { kind, fleet: aroundOf({ restartsOn: true, around }) };
    case 'changed':
      return { kind, identity: 'new', detail: 'deployed' };
    case 'failed':
      return { kind, reason: 'rolled back' };
    case 'refused':
      return { kind, reason: 'being deployed' };
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach((inner) => deepFreeze(inner));
  }
  return value;
}
