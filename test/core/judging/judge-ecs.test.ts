// What ECS says of a service, case by case.
import { describe, expect, it } from 'vitest';

import { type EcsState, judgeEcs } from '../../../lambdas/core/judging/judge-ecs.ts';
import { type EcsProbe, probeSchema, settleProbe } from '../../../lambdas/core/model/probe-spec.ts';

const NOW = 1_000_000_000;
const probe = settleProbe(
  probeSchema.parse({ kind: 'ecs', cluster: 'prod', service: 'api', graceSeconds: 60 }),
  60,
) as EcsProbe;
const well: EcsState = {
  ...{ desired: 2, running: 2, pending: 0, stopping: 0 },
  deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED', failedTasks: 0, createdAt: NOW - 9_000_000 }],
};
const judged = (change: Partial<EcsState>) => judgeEcs({ ...well, ...change }, probe, NOW);
const rollout = (rolloutState: string, failedTasks = 0, createdAt = NOW - 5_000) => ({
  deployments: [
    { status: 'ACTIVE', rolloutState: 'COMPLETED', failedTasks: 9 },
    { status: 'PRIMARY', rolloutState, failedTasks, createdAt },
  ],
});
const stopped = (lastStopReason: string, secondsAgo: number) => ({
  lastStopReason,
  lastStoppedAt: NOW - secondsAgo * 1000,
  shortSince: NOW - secondsAgo * 1000,
});

describe('the state of an ECS service', () => {
  it.each<[string, Partial<EcsState>]>([
    ['all run that should', {}],
    ['more run than should, in a rollout', { running: 4, ...rollout('IN_PROGRESS') }],
    ['one that is being added still starts', { pending: 1 }],
  ])('is up when %s', (_, change) => {
    expect(judged(change)).toEqual({ verdict: 'up', cause: 'none' });
  });

  it('is up when it was scaled to zero on purpose', () => {
    expect(judged({ desired: 0, running: 0 })).toEqual({
      verdict: 'up',
      cause: 'none',
      message: 'scaled to zero on purpose',
    });
  });

  it('is down when it has a task on each host and no host is left: nobody scales such a service', () => {
    expect(judged({ desired: 0, running: 0, isDaemon: true })).toEqual({
      verdict: 'down',
      cause: 'container_stopped',
      message: 'it runs once on each host, and there is none for it',
    });
    expect(judged({ isDaemon: true })).toEqual({ verdict: 'up', cause: 'none' });
    // Its last host is being drained: what still runs there serves.
    expect(judged({ desired: 0, running: 1, isDaemon: true }).verdict).toBe('up');
  });

  it('is down when there is no such service', () => {
    expect(judgeEcs(undefined, probe, NOW)).toEqual({
      ...{ verdict: 'down', cause: 'container_stopped', message: 'ECS knows no service prod/api' },
    });
  });

  it.each<[string, Partial<EcsState>, string, string, string]>([
    ['none runs', { running: 0 }, 'down', 'container_stopped', '0 of 2 tasks run'],
    [
      'none runs, and one starts and one stops',
      {
        running: 0,
        pending: 1,
        stopping: 1,
        ...stopped('task a: Essential container in task exited; api exited with 1', 1),
      },
      ...([
        'down',
        'container_error',
        '0 of 2 tasks run, 1 starting, 1 stopping; the last one stopped: task a: Essential container in task exited; api exited with 1',
      ] as const),
    ],
    [
      'some run, within the grace',
      { running: 1, ...stopped('task a: stopped by user', 60) },
      'slow',
      'container_stopped',
      '1 of 2 tasks run; the last one stopped: task a: stopped by user',
    ],
    [
      'some run, after the grace',
      { running: 1, ...stopped('task a: stopped by user', 61) },
      'down',
      'container_stopped',
      '1 of 2 tasks run; the last one stopped: task a: stopped by user; for 61 s',
    ],
    [
      'tasks are being added, and others were stopped long ago',
      { running: 1, pending: 1, ...stopped('Scaling activity initiated by deployment', 600), shortSince: undefined },
      'slow',
      'container_stopped',
      '1 of 2 tasks run, 1 starting; the last one stopped: Scaling activity initiated by deployment',
    ],
    [
      'a long rollout has just taken a task away',
      { running: 1, ...rollout('IN_PROGRESS', 0, NOW - 90_000), lastStoppedAt: NOW - 5_000 },
      'slow',
      'container_stopped',
      '1 of 2 tasks run',
    ],
    [
      'a long rollout takes a task away at this moment',
      { running: 1, stopping: 1, ...rollout('IN_PROGRESS', 0, NOW - 90_000) },
      'slow',
      'container_stopped',
      '1 of 2 tasks run, 1 stopping',
    ],
    [
      'a rollout does not say when it began',
      {
        running: 1,
        deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', failedTasks: 0 }],
        lastStoppedAt: NOW - 900_000,
      },
      'slow',
      'container_stopped',
      '1 of 2 tasks run',
    ],
    ['some run, nobody knows since when', { running: 1 }, 'slow', 'container_stopped', '1 of 2 tasks run'],
    [
      'some run while they are replaced',
      { running: 1, ...rollout('IN_PROGRESS') },
      'slow',
      'container_stopped',
      '1 of 2 tasks run',
    ],
    [
      'a rollout is short of tasks for too long',
      { running: 1, ...rollout('IN_PROGRESS', 0, NOW - 90_000) },
      'down',
      'container_stopped',
      '1 of 2 tasks run; for 90 s',
    ],
    [
      'the tasks of a rollout fail one after the other',
      { running: 1, ...rollout('IN_PROGRESS', 2) },
      'down',
      'container_error',
      '1 of 2 tasks run',
    ],
    [
      'one task of a rollout has failed',
      { running: 1, ...rollout('IN_PROGRESS', 1) },
      'slow',
      'container_error',
      '1 of 2 tasks run',
    ],
    [
      'the rollout has failed, though the old tasks run',
      rollout('FAILED', 3),
      'down',
      'container_error',
      'the rollout has failed: 2 of 2 tasks run',
    ],
    [
      'there are no deployments to see',
      { running: 1, deployments: [] },
      'slow',
      'container_stopped',
      '1 of 2 tasks run',
    ],
  ])('when %s', (_, change, verdict, cause, message) => {
    expect(judged(change)).toEqual({ verdict, cause, message });
  });

  it.each([
    ['api exited with 1', 'container_error'],
    ['api exited with 137 (OutOfMemoryError: Container killed due to memory usage)', 'container_error'],
    ['api did not run (CannotPullContainerError: not found)', 'container_error'],
    ['Task failed container health checks', 'container_error'],
    ['api exited with 0', 'container_stopped'],
    ['Scaling activity initiated by deployment; api exited with 143', 'container_stopped'],
    ['Your Spot Task was interrupted.', 'container_stopped'],
  ])('with %j is %s', (reason, cause) => {
    expect(judged({ running: 0, ...stopped(reason, 1) }).cause).toBe(cause);
  });

  it('is told with a reason that is cut short', () => {
    expect(judged({ running: 0, ...stopped('x'.repeat(900), 1) }).message).toMatch(/ x{300}$/);
  });
});
