// Only those tasks of a service are stopped that ECS calls unhealthy, ten at a time, each round after the one before is
// replaced, so that all others stay; never tasks that the order itself has brought up, and no more than a hundred.
import type { Invariant } from './invariant.ts';

const ROUND = 10;
const MOST = 100;

export const stopRounds: Invariant = {
  name: 'only unhealthy tasks are stopped, ten at a time',
  onTaskStopped({ facts: { illUntil, restartId, replaces, missing, stopped }, invocation }, check) {
    // The task may become healthy in ECS between the look at it and the stop.
    check(illUntil >= invocation.startedAt, () => `${restartId} stops a task that is not unhealthy`);
    check(replaces !== restartId, () => `${restartId} stops a task that stands there because of it`);
    check(missing <= ROUND, () => `${restartId} has stopped ${missing} tasks that are not replaced`);
    check(stopped <= MOST, () => `${restartId} has stopped ${stopped} tasks`);
  },
  onRoundsEnded({ order: { restartId }, missing, ill, stopped, hasDeployed }, check) {
    check(missing === 0, () => `${restartId} is done, and ${missing} tasks that it stopped are not replaced`);
    check(
      ill === 0 || hasDeployed || stopped >= MOST,
      () => `${restartId} is done, and ${ill} tasks are unhealthy since before it`,
    );
  },
};
