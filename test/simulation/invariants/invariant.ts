// What an invariant is called with, and how it judges. It knows the truth of the world and every effect, and reuses
// nothing of the code under test.
import type { ShardCount } from '../../../lambdas/contract/messages.ts';
import type { Storms } from '../../../lambdas/core/health/storm.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import type { RestartStep } from '../../../lambdas/core/model/restart-spec.ts';
import type { Service } from '../../../lambdas/core/model/service.ts';
import type { Restart, State } from '../../../lambdas/core/model/state.ts';
import type { PackedRow } from '../../../lambdas/core/rounds/packed-row.ts';
import type { RestartOrder } from '../../../lambdas/ports/restarter.ts';
import type { StopFacts } from '../world/backends/ecs-tasks.ts';
import type { Shortage } from '../world/ecs-standing.ts';
import type { Invocation } from '../world/invocation.ts';
import type { SimService } from '../world/sim-service.ts';
import type { World } from '../world/world.ts';
import type { Alert, Watched } from './watched.ts';

/** A state that was written. `now` is the writer's clock when it decided. */
export type Written = Readonly<{
  service: SimService;
  spec: Service;
  before: State;
  after: State;
  now: number;
  invocation: Invocation;
}>;

/** The same, with what follows from comparing both states. */
export type Commit = Written &
  Readonly<{
    watched: Watched;
    /** The verdict that this invocation has seen, if it probed. */
    verdict: 'up' | 'slow' | 'down' | 'unknown' | undefined;
    /**
     * Whether the verdict had to count: not `unknown`, of a newer beat than all before it, and not asked for by a
     * person too soon.
     */
    isCounted: boolean;
    /** The restart that was under way before, and the one that is now. */
    wasRunning: Restart | undefined;
    isRunning: Restart | undefined;
    ordered: Restart | undefined;
    ended: Restart | undefined;
  }>;

export type Sent = Readonly<{
  watched: Watched;
  step: RestartStep;
  order: RestartOrder;
  invocation: Invocation;
  /** Epoch ms of the world. */
  at: number;
}>;
/** One task that a round has stopped: `facts` are the truth about it. */
type TaskStopped = Readonly<{ watched: Watched; facts: StopFacts; invocation: Invocation }>;
/**
 * An order that stops tasks reports that it is done: how many of its stopped tasks are not replaced, and whether it
 * goes on.
 */
type RoundsEnded = Readonly<{
  watched: Watched;
  order: RestartOrder;
  missing: number;
  /** Tasks that were ill before the order began. */
  ill: number;
  stopped: number;
  hasDeployed: boolean;
}>;
type Publication = Readonly<{
  watched: Watched;
  alert: Alert | undefined;
  key: string;
  /** It was in a group that is being sent now. */
  isGrouped: boolean;
  invocation: Invocation;
}>;

/** A probe that found the service down. `at`: epoch ms of the world. */
type SeenDown = Readonly<{ watched: Watched; intervalSeconds: number; at: number; invocation: Invocation }>;

/** What ECS answered about a service became a verdict. */
type EcsAsked = Readonly<{ shortage: Shortage; graceMs: number; verdict: Verdict }>;

/** `before`: the invocations that published the same before. */
type StormTold = Readonly<{
  key: string;
  before: readonly Invocation[];
  invocation: Invocation;
  storms: Storms;
}>;

/** The world at its end, and the fleet's counts in the table. */
type Ended = Pick<World, 'table' | 'engine' | 'fleet' | 'slots'> &
  Readonly<{
    counts: readonly ShardCount[];
    /** What people, and the event bus, were told about storms, by key. */
    storms: Readonly<{ told: readonly string[]; onBus: ReadonlySet<string> }>;
  }>;

/** `complaint` is built only when it is needed. */
export type Check = (isTrue: boolean, complaint: () => string) => void;

export type Invariant = Readonly<{
  name: string;
  onCommit?: (commit: Commit, check: Check, world: World) => void;
  onSeenDown?: (seen: SeenDown, check: Check) => void;
  onSent?: (sent: Sent, check: Check, world: World) => void;
  onTaskStopped?: (stopped: TaskStopped, check: Check) => void;
  onRoundsEnded?: (ended: RoundsEnded, check: Check) => void;
  onPublished?: (publication: Publication, check: Check) => void;
  onStormTold?: (told: StormTold, check: Check) => void;
  onEcsAsked?: (asked: EcsAsked, check: Check) => void;
  onRow?: (row: PackedRow, check: Check) => void;
  /** The world has been quiet for long. */
  onEnd?: (watched: Watched, check: Check, world: Ended) => void;
}>;

const underWay = ['preparing', 'waiting_requests', 'restarting', 'verifying', 'recovering'];
export const running = ({ restart }: State): Restart | undefined =>
  restart && underWay.includes(restart.phase) ? restart : undefined;
