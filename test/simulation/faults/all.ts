// Every kind of fault. Each run has some of them, drawn from its seed.
import type { World } from '../world/world.ts';
import { acknowledging } from './acknowledging.ts';
import { backlog } from './backlog.ts';
import { crash } from './crash.ts';
import { cascades, parentOutage, unreadDependency } from './dependencies.ts';
import { ecsTasks } from './ecs-tasks.ts';
import type { Fault } from './fault.ts';
import { flapping } from './flapping.ts';
import { groupStorm } from './group-storm.ts';
import { noRounds } from './no-rounds.ts';
import { ownTrouble, poison } from './own-trouble.ts';
import { passing } from './passing.ts';
import { pauses } from './pauses.ts';
import { changes, orders, switchedOff } from './people.ts';
import { actOrders } from './people-and-acts.ts';
import { awsTrouble, closedPlaces, deployments, stoppedHosts } from './places.ts';
import { resistant } from './resistant.ts';
import { brokenConfigurations, brokenRevisions } from './revisions.ts';
import { sharedOutage, storm } from './storm.ts';
import { stubborn } from './stubborn.ts';
import { drifts } from './trends.ts';

const faults: readonly Fault[] = [
  crash,
  stubborn,
  passing,
  flapping,
  storm,
  sharedOutage,
  deployments,
  closedPlaces,
  stoppedHosts,
  awsTrouble,
  ownTrouble,
  poison,
  noRounds,
  backlog,
  orders,
  changes,
  switchedOff,
  groupStorm,
  drifts,
  acknowledging,
  resistant,
  brokenRevisions,
  brokenConfigurations,
  actOrders,
  parentOutage,
  unreadDependency,
  cascades,
  pauses,
  ecsTasks,
];

/** Plans the faults of the world until `end`. */
export function planFaults(world: World, end: number): void {
  for (const fault of faults) {
    const random = world.fate.stream(fault.kind);
    if (random.chance(0.6)) fault.plan(world, random, end);
  }
}
