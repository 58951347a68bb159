// A service that a person has taken out of service: looked at as ever, neither restarted nor told of.
import { describe, expect, it } from 'vitest';

import { isAtRest, isUnmoved } from '../../../lambdas/core/health/advance.ts';
import type { Cause, Verdict } from '../../../lambdas/core/model/observation.ts';
import { pauseView } from '../../../lambdas/core/views/status-view.ts';
import { cancel, down, request, tick } from '../../make/event.ts';
import { ecsStep, makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';
import { type Story, tell, times } from '../../make/story.ts';

const service = makeService();
const healthy = makeState({ health: 'healthy' });
const HOUR_MS = 3_600_000;

describe('a pause', () => {
  it('says who, why and until when, in the timeline and to who asks', () => {
    const story = tell(service, healthy);
    story.happens({ kind: 'paused', by: 'ada', reason: 'new disks', until: T0 + HOUR_MS });
    expect(story.records()).toMatchObject([{ message: 'paused by ada: new disks', details: { until: T0 + HOUR_MS } }]);
    expect(pauseView(story.state()).paused).toEqual({
      user: 'ada',
      reason: 'new disks',
      since: '2026-01-05T08:00:00.000Z',
      until: '2026-01-05T09:00:00.000Z',
    });
  });

  it('without a reason and an end lasts until it is taken back, which is done once', () => {
    const story = tell(service, healthy);
    story.happens({ kind: 'paused', by: 'ada' });
    expect(pauseView(story.state()).paused).toMatchObject({ reason: null, until: null });
    story.happens({ kind: 'resumed', by: 'bob' });
    story.happens({ kind: 'resumed', by: 'bob' });
    expect(story.recorded()).toEqual(['paused', 'resumed']);
    expect(pauseView(story.state())).toEqual({ paused: null });
  });

  it('holds restart and alert, and both come when it is over and the service is still down', () => {
    const story = tell(service, healthy);
    story.happens({ kind: 'paused', by: 'ada', until: T0 + HOUR_MS });
    story.sees(times<Verdict>(5, 'down'));
    expect([story.told(), story.orders()]).toEqual([[], 0]);
    story.wait(3_600).sees(['down']);
    expect([story.told(), story.orders()]).toEqual([['warning unhealthy'], 1]);
    expect(story.recorded()).toEqual(['paused', 'unhealthy', 'restart_held', 'resumed', 'restart_ordered']);
  });
});

describe('a pause whose time is over', () => {
  const pausedFor = (start = healthy) => {
    const story = tell(service, start);
    story.happens({ kind: 'paused', by: 'ada', reason: 'new disks', until: T0 + HOUR_MS });
    return written(story);
  };
  /** Its lines are in the timeline, so that no round hands them over again. */
  const written = (story: Story) => {
    story.happens({ kind: 'carried_out', intentIds: story.pending('record').map(({ id }) => id) });
    return story;
  };
  const over = {
    kind: 'resumed',
    level: 'info',
    message: 'the pause by ada is over',
  };

  it('is said in the timeline by the first round after it, once, and not before', () => {
    const story = pausedFor();
    story.wait(3_599).happens(tick());
    expect(story.recorded()).toEqual(['paused']);
    story.wait(1).happens(tick());
    written(story).wait(60).happens(tick());
    story.sees(['up', 'down']);
    expect(story.records().slice(1)).toMatchObject([over]);
    expect(story.state().paused).toBeUndefined();
  });

  it('is waited for by rounds, though nothing else is to come of a service that is well', () => {
    const story = pausedFor();
    expect([isAtRest(story.state()), isUnmoved(story.state(), 'up')]).toEqual([false, false]);
    const known = story.state();
    expect(story.sees(['up', 'up']).happens(tick()).state).toBe(known);
    expect(isAtRest({ ...known, paused: { by: 'ada', at: T0 } })).toBe(true);
  });

  it('is not ended by a look that could not tell', () => {
    const story = pausedFor().wait(3_600).sees(['unknown']);
    expect(story.recorded()).toEqual(['paused']);
  });

  it('hides nothing of a look that somebody asked for', () => {
    const story = pausedFor().wait(3_600);
    story.sees(['up'], { asked: true });
    expect(story.recorded()).toEqual(['paused', 'resumed']);
    expect(story.state().last).toMatchObject({ verdict: 'up', beat: story.now() });
  });

  it('needs no line when somebody had resumed it before', () => {
    const story = pausedFor();
    story.happens({ kind: 'resumed', by: 'bob' });
    written(story).wait(3_600).happens(tick());
    expect(story.records().map(({ message }) => message)).toEqual(['paused by ada: new disks', 'resumed by bob']);
  });
});

describe('what is degraded in a pause', () => {
  const seesSlow = (change: Parameters<typeof makeService>[0], verdicts: readonly Verdict[]) => {
    const story = tell(makeService({ policy: { failureThreshold: 2, successThreshold: 1 }, ...change }), healthy);
    story.happens({ kind: 'paused', by: 'ada' });
    story.sees(verdicts);
    expect(story.told()).toEqual([]);
    story.happens({ kind: 'resumed', by: 'ada' });
    return story;
  };

  it('is told once the pause is over, if it still is so, and its end too', () => {
    const story = seesSlow({}, times<Verdict>(9, 'slow'));
    expect(story.state()).toMatchObject({ heldBack: { paused: 1 }, incident: { untold: true } });
    expect(story.sees(['slow', 'slow']).told()).toEqual(['warning degraded']);
    expect(story.state().incident?.untold).toBeUndefined();
    expect(story.sees(['up']).told()).toEqual(['warning degraded', 'info recovered']);
  });

  it('costs no write while the pause goes on', () => {
    const story = tell(makeService({ policy: { failureThreshold: 2 } }), healthy);
    story.happens({ kind: 'paused', by: 'ada' });
    const { lastBeat: _, last: _last, ...rest } = story.sees(times<Verdict>(3, 'slow')).state();
    const known = story.state();
    expect(story.sees(times<Verdict>(5, 'slow')).state()).toBe(known);
    expect(rest.heldBack).toEqual({ paused: 1 });
  });

  it('is not told when it is well by then', () => {
    const story = seesSlow({}, ['slow', 'slow', 'up']);
    expect([story.sees(['up', 'up']).told(), story.state().heldBack]).toEqual([[], { paused: 2 }]);
  });

  it('is counted where people do not want to hear of it then', () => {
    const story = seesSlow({ alerts: { minLevel: 'error' } }, ['slow', 'slow']).sees(['slow', 'slow', 'slow']);
    expect([story.told(), story.state().heldBack]).toEqual([[], { paused: 1, level: 1 }]);
  });

  it('is one more of those that make it flap', () => {
    expect(seesSlow({}, ['slow', 'slow']).sees(['slow']).state().openings).toHaveLength(1);
  });
});

describe('a restart that fails during a pause', () => {
  it('is told of as an outage when that is over and the service is down', () => {
    const story = tell(makeService({ restart: { mode: 'off', steps: [ecsStep] } }), healthy);
    story.happens(request());
    story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet: { restartsOn: true } });
    story.reports({ kind: 'sent', handle: 'new', adopted: false });
    story.happens({ kind: 'paused', by: 'ada' });
    story.reports({ kind: 'failed', reason: 'it does not start' });
    expect([story.state().health, story.told()]).toEqual(['unhealthy', []]);
    story.happens({ kind: 'resumed', by: 'ada' });
    story.sees(['down']);
    expect(story.told()).toEqual(['error unhealthy']);
  });
});

describe('what ECS says of its tasks', () => {
  it.each<[Cause, string]>([
    ['container_stopped', 'container_stopped'],
    ['container_error', 'container_error'],
    ['timeout', 'health_check_failed'],
  ])('%s is told as %s', (cause, failureType) => {
    const story = tell(makeService({ policy: { failureThreshold: 1 } }), healthy);
    story.wait(60).happens(down(story.now(), { observation: { verdict: 'down', cause } }));
    expect(story.alerts()).toMatchObject([{ kind: 'unhealthy', failureType }]);
  });
});

describe('a person who takes back a restart', () => {
  it('ends the restart of its dependents with it, at once', () => {
    const cascade = { restartId: 'rst-0', by: 'ada', reason: 'move', force: false, level: 0, nextAt: T0 };
    const story = tell(service, { ...healthy, cascade });
    story.sees(times<Verdict>(3, 'down'));
    story.happens(cancel);
    expect(story.recorded()).toEqual(expect.arrayContaining(['restart_cancelled', 'cascade_stopped']));
    expect(story.state().cascade).toBeUndefined();
    expect(story.happens(cancel).refusal?.code).toBe('RESTART_002');
    expect(story.happens(request()).refusal).toBeUndefined();
  });
});
