// Since when tasks are missing, read from their lives. Times are seconds, and now is 1000.
import { describe, expect, it } from 'vitest';

import { shortSince } from '../../../lambdas/core/judging/ecs-shortage.ts';

const LOST = 'Essential container in task exited';
const SCALED = 'Scaling activity initiated by deployment ecs-svc/1';
const runs = (startedAt: number) => ({ startedAt });
const lost = (startedAt: number, stoppedAt: number) => ({ startedAt, stoppedAt, stoppedReason: LOST });
const scaledIn = (startedAt: number, stoppedAt: number) => ({ startedAt, stoppedAt, stoppedReason: SCALED });
const neverRan = (stoppedAt: number) => ({ stoppedAt, stoppedReason: 'CannotPullContainerError' });

describe('a service is short of tasks', () => {
  it.each([
    ['one was lost', 2, [runs(0), lost(0, 600)], 600],
    ['one was lost, and all that are to replace it do not start', 2, [runs(0), lost(0, 600), neverRan(990)], 600],
    ['one was lost for no reason that is told', 2, [runs(0), { startedAt: 0, stoppedAt: 600 }], 600],
    ['two were lost, one after the other', 3, [runs(0), lost(0, 600), lost(0, 700)], 600],
    ['two were lost at the same moment', 3, [runs(0), lost(0, 600), lost(0, 600)], 600],
    ['two were lost, and one of them was replaced', 3, [runs(0), runs(630), lost(0, 600), lost(0, 600)], 600],
    ['what replaced the lost one was lost as well', 2, [runs(0), lost(0, 600), lost(630, 980)], 980],
    ['one was lost after a deployment', 2, [runs(500), lost(500, 800), scaledIn(0, 520), scaledIn(0, 530)], 800],
  ])('since then, when %s', (_, desired, lives, since) => {
    expect(shortSince(lives, desired)).toBe(since);
  });

  it.each([
    ['nothing has stopped: more are wanted than before', 4, [runs(0), runs(0)]],
    ['it was scaled in a while ago, and is scaled out now', 4, [runs(0), runs(0), scaledIn(0, 400), scaledIn(0, 400)]],
    ['one was lost and replaced, and now more are wanted', 3, [runs(0), lost(0, 200), runs(230)]],
    ['one was lost, and its replacement scaled in', 2, [runs(0), lost(0, 200), scaledIn(230, 400)]],
    ['tasks that are to be added do not start', 3, [runs(0), runs(0), neverRan(900)]],
    ['a deployment has just been, and more are wanted', 2, [runs(500), scaledIn(0, 520)]],
    ['ECS has forgotten what was', 2, [runs(0)]],
    [
      'one was lost and replaced, and another one still stops',
      3,
      [runs(0), runs(230), { startedAt: 0, stoppedReason: SCALED }, lost(0, 200)],
    ],
    [
      'one was lost and replaced while another was scaled in, and more are wanted now',
      3,
      [runs(0), runs(300), lost(0, 200), neverRan(210), scaledIn(0, 250)],
    ],
    [
      'one of more than are wanted was lost, and one that has to go still stops',
      3,
      [runs(0), runs(0), { startedAt: 0, stoppedReason: SCALED }, lost(0, 200)],
    ],
    ['one still stops', 2, [runs(0), { startedAt: 0, stoppedReason: LOST }]],
  ])('since nobody knows when, when %s', (_, desired, lives) => {
    expect(shortSince(lives, desired)).toBeUndefined();
  });

  it('counting those that are not listed', () => {
    expect(shortSince([runs(0), lost(0, 600)], 12, 10)).toBe(600);
    expect(shortSince([runs(0), lost(0, 600)], 13, 10)).toBeUndefined();
  });
});
