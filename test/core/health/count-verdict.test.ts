// From verdicts to health: thresholds in a row, F of the last W, and what a change of health brings with it.
import { describe, expect, it } from 'vitest';

import type { Health } from '../../../lambdas/core/model/conditions.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { down, slow } from '../../make/event.ts';
import { ecsStep, makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const off = makeService({ restart: {} });
const starts: Record<Health, State> = {
  pending: makeState(),
  healthy: makeState({ health: 'healthy' }),
  degraded: makeState({ health: 'degraded', incident: makeIncident() }),
  unhealthy: makeState({ health: 'unhealthy', incident: makeIncident() }),
};

describe('health after verdicts (3 bad or 2 good in a row)', () => {
  const d: Verdict = 'down';
  const s: Verdict = 'slow';
  const u: Verdict = 'up';
  const n: Verdict = 'unknown';
  it.each<[Health, Verdict[], Health]>([
    ['pending', [u], 'pending'],
    ['pending', [u, u], 'healthy'],
    ['pending', [u, s, u], 'pending'],
    ['pending', [s, s], 'pending'],
    ['pending', [s, s, s], 'degraded'],
    ['pending', [d, d], 'pending'],
    ['pending', [d, d, d], 'unhealthy'],
    ['pending', [n, n, n, n], 'pending'],
    ['healthy', [d, d], 'healthy'],
    ['healthy', [d, d, d], 'unhealthy'],
    ['healthy', [d, d, n, d], 'unhealthy'],
    ['healthy', [d, d, u, u, u], 'healthy'],
    ['healthy', [s, s], 'healthy'],
    ['healthy', [s, s, s], 'degraded'],
    ['healthy', [s, s, u, s, s], 'healthy'],
    ['healthy', [s, s, n, s], 'degraded'],
    ['degraded', [u], 'degraded'],
    ['degraded', [u, u], 'healthy'],
    ['degraded', [u, s, u], 'degraded'],
    ['degraded', [u, n, u], 'healthy'],
    ['degraded', [s, s, s, s], 'degraded'],
    ['degraded', [d, d], 'degraded'],
    ['degraded', [d, d, d], 'unhealthy'],
    ['unhealthy', [u], 'unhealthy'],
    ['unhealthy', [u, u], 'healthy'],
    ['unhealthy', [u, d, u], 'unhealthy'],
    ['unhealthy', [s], 'unhealthy'],
    ['unhealthy', [s, s], 'degraded'],
    ['unhealthy', [u, s], 'degraded'],
    ['unhealthy', [s, u, u], 'healthy'],
    ['unhealthy', [d, d, d, d], 'unhealthy'],
    ['unhealthy', [n, n, n], 'unhealthy'],
  ])('%s, seeing %j, is %s', (from, verdicts, to) => {
    expect(tell(off, starts[from]).sees(verdicts).state().health).toBe(to);
  });

  it('is unhealthy at F downs of the last W beats, though never three in a row', () => {
    const story = tell(off, starts.healthy).sees(['down', 'up', 'down', 'up']);
    expect(story.state().health).toBe('healthy');
    expect(story.sees(['down']).state().health).toBe('unhealthy');
  });

  it('forgets downs that have left the window of W beats', () => {
    expect(tell(off, starts.healthy).sees(['down', 'up', 'up', 'down', 'up', 'down']).state().health).toBe('healthy');
  });

  it('takes the window from the registration', () => {
    const wide = makeService({ restart: {}, policy: { window: { failures: 3, of: 7 } } });
    expect(tell(wide, starts.healthy).sees(['down', 'up', 'up', 'down', 'up', 'down']).state().health).toBe(
      'unhealthy',
    );
  });

  it('is unhealthy at its downs in a row, though a wider window asks for more', () => {
    const wide = makeService({ restart: {}, policy: { window: { failures: 5, of: 9 } } });
    const story = tell(wide, starts.healthy).sees(['down', 'down']);
    expect(story.state().health).toBe('healthy');
    expect(story.sees(['down']).state().health).toBe('unhealthy');
  });

  it('notes since when, what was seen last, and since when there was no answer', () => {
    const story = tell(off, starts.healthy).sees(['down', 'down']);
    expect(story.state()).toMatchObject({ downs: 2, failingSince: T0 + 60_000, healthSince: T0 });
    story.sees(['down']);
    expect(story.state()).toMatchObject({ healthSince: T0 + 180_000, last: { beat: T0 + 180_000, verdict: 'down' } });
    expect(story.sees(['slow']).state().failingSince).toBeUndefined();
  });

  it('clears every counter when the service is healthy again', () => {
    expect(
      tell(off, starts.healthy)
        .sees([...times<Verdict>(3, 'down'), 'up', 'up'])
        .state(),
    ).toMatchObject({
      health: 'healthy',
      downs: 0,
      slows: 0,
      ups: 0,
      answers: 0,
      downBeats: [],
    });
  });
});

describe('what costs no write', () => {
  it.each<[string, State, Verdict]>([
    ['an up of a healthy service', starts.healthy, 'up'],
    ['a slow of a service known to be degraded', makeState({ ...starts.degraded, slows: 3, answers: 2 }), 'slow'],
  ])('%s', (_, state, verdict) => {
    expect(tell(off, state).sees([verdict]).state()).toBe(state);
  });

  it('is written down all the same when a person asked', () => {
    const story = tell(off, starts.healthy).sees(['up'], { asked: true });
    expect(story.state().last).toEqual({ beat: T0 + 60_000, verdict: 'up', cause: 'none' });
    expect(story.state().lastBeat).toBe(T0 + 60_000);
  });
});

describe('an incident', () => {
  it('opens with what was seen, and says how many failures it took', () => {
    const story = tell(off, starts.healthy).sees(times<Verdict>(3, 'down'), {
      observation: { verdict: 'down', cause: 'wrong_status', message: 'answered 503' },
    });
    expect(story.state().incident).toMatchObject({
      openedAt: T0 + 180_000,
      failureType: 'health_check_failed',
      message: 'answered 503',
      held: 'automatic restarts are off for this service',
      restarts: 0,
    });
    expect(story.state().incident?.id).toMatch(/^inc-[0-9a-f]{8}-[0-9a-z]+-0$/);
    expect(story.records()).toEqual([
      expect.objectContaining({
        kind: 'unhealthy',
        incidentId: story.state().incident?.id,
        details: { cause: 'wrong_status', consecutiveFailures: 3, failingSince: T0 + 60_000 },
      }),
    ]);
  });

  it('is named by the cause when the probe had no words for it', () => {
    expect(tell(off).sees(times<Verdict>(3, 'slow')).state().incident?.message).toBe('too_slow');
  });

  it('is the same one when a degraded service becomes unhealthy, with what is now known', () => {
    const story = tell(off, starts.healthy).sees(times<Verdict>(3, 'slow'));
    const { id } = story.state().incident!;
    story.sees(times<Verdict>(3, 'down'));
    expect(story.state().incident).toMatchObject({ id, message: 'timeout' });
  });

  it('is over when the service answers again, however badly: that is an incident of its own', () => {
    const story = tell(off, starts.healthy).sees(times<Verdict>(3, 'down'));
    const { id } = story.state().incident!;
    story.sees(['slow', 'slow']);
    expect(story.told()).toEqual(['error unhealthy', 'info recovered', 'warning degraded']);
    expect(story.state().incident!.id).not.toBe(id);
  });

  it('is told of each time, however long the service was degraded in between', () => {
    const story = tell(off, starts.healthy).sees(times<Verdict>(3, 'slow'));
    for (let outage = 0; outage < 2; outage += 1) story.sees([...times<Verdict>(3, 'down'), 'slow', 'slow']);
    expect(story.told().filter((alert) => alert === 'error unhealthy')).toHaveLength(2);
    expect(story.told().filter((alert) => alert === 'info recovered')).toHaveLength(2);
  });

  it('of a service that was never well does not begin with its first good verdicts', () => {
    const story = tell(off).sees(['up', 'up']);
    expect(story.state().incident).toBeUndefined();
    expect(story.records()).toEqual([{ kind: 'healthy', level: 'info', message: 'Healthy', action: 'none' }]);
  });

  it.each([
    [60, 'Healthy again after 2 min', 0],
    [3_600, 'Healthy again after 2 h 0 min', 0],
    [60, 'Healthy again after 7 min', 5],
    [30, 'Healthy again after 60 s', 0],
  ])('with beats of %i s closes with "%s" (%i more downs)', (intervalSeconds, message, more) => {
    const service = makeService({ restart: {}, probe: { kind: 'heartbeat', intervalSeconds } });
    const story = tell(service, starts.healthy).sees([...times<Verdict>(3 + more, 'down'), 'up', 'up']);
    expect(story.state().incident).toBeUndefined();
    expect(story.records().at(-1)).toMatchObject({
      kind: 'recovered',
      message,
      actionResult: 'success',
      action: 'none',
    });
  });
});

describe('an unhealthy service that is seen down again', () => {
  const ready = makeState({ health: 'unhealthy', incident: makeIncident() });

  it('is restarted at that very verdict', () => {
    expect(tell(makeService(), ready).sees(['down']).restart()).toMatchObject({
      phase: 'preparing',
      reason: 'timeout',
    });
  });

  it.each<Verdict>(['up', 'slow', 'unknown'])('but is not restarted when the verdict is %s', (verdict) => {
    expect(tell(makeService(), ready).sees([verdict]).state().restart).toBeUndefined();
  });

  it('is not restarted when it is only degraded', () => {
    const story = tell(makeService(), makeState({ health: 'degraded', incident: makeIncident() })).sees(['down']);
    expect(story.state().restart).toBeUndefined();
  });

  it('says once in its timeline why it is held, however often it is seen down', () => {
    const fleet = { restartsOn: false };
    const story = tell(makeService(), ready).sees(times<Verdict>(4, 'down'), { fleet });
    expect(story.recorded()).toEqual(['restart_held']);
    expect(story.state().incident?.held).toBe('automatic restarts are off for the fleet');
  });

  it('is restarted as soon as the fleet switch is on again', () => {
    const story = tell(makeService(), ready)
      .sees(['down'], { fleet: { restartsOn: false } })
      .sees(['down']);
    expect(story.recorded()).toEqual(['restart_held', 'restart_ordered']);
  });

  it('says once in observe mode what it would have done, and does nothing', () => {
    const watched = makeService({ restart: { mode: 'observe', steps: [ecsStep] } });
    const story = tell(watched, ready).sees(times<Verdict>(4, 'down'));
    expect(story.recorded()).toEqual(['restart_observed']);
    expect(story.state()).toMatchObject({ restartTimes: [], incident: { restarts: 0 } });
    expect(story.orders()).toBe(0);
  });
});

describe('a beat that is not newer than the last one counted', () => {
  it('changes nothing, whatever it saw', () => {
    const story = tell(off, starts.healthy).sees(['down']);
    const before = story.state();
    for (const late of [down(T0 + 60_000), down(T0), slow(T0 + 59_999)]) story.happens(late);
    expect(story.state()).toBe(before);
  });
});
