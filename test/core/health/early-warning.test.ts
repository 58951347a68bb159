// What a drift of a service away from its own past comes to: told of once, over once, and in nobody's way.
import { describe, expect, it } from 'vitest';

import { buildNotice } from '../../../lambdas/core/alerts/notice.ts';
import { trendSeen } from '../../make/event.ts';
import { makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const service = makeService();
const healthy = makeState({ health: 'healthy' });
const QUARTER = 900;

describe('a drift', () => {
  it('is warned of once, in an episode with an id of its own, and kept with the service', () => {
    const story = tell(service, healthy).wait(QUARTER);
    story.happens(trendSeen(story.now(), 'latency'));
    const { trend } = story.state();
    expect(trend).toEqual({
      ...{
        id: expect.stringMatching(/^trend-\w+-\w+-0$/),
        kind: 'latency',
        since: T0,
        now: 240,
        usual: 100,
        told: true,
      },
      message: 'Answers take 240 ms; 100 ms are usual.',
    });
    expect(story.alerts()).toEqual([
      {
        ...{ kind: 'early_warning', level: 'warning', failureType: 'health_check_failed', incidentId: trend!.id },
        ...{ deduplicationKey: `${trend!.id}:early_warning`, message: trend!.message, detectedAt: T0, restarts: 0 },
        at: story.now(),
      },
    ]);
    expect(story.records()).toEqual([
      {
        ...{ kind: 'early_warning', level: 'warning', failureType: 'health_check_failed', incidentId: trend!.id },
        ...{ message: trend!.message, detectedAt: T0, action: 'alert' },
        details: { trend: 'latency', now: 240, usual: 100 },
      },
    ]);
    const { health, incident, restart } = story.state();
    expect([health, incident, restart]).toEqual(['healthy', undefined, undefined]);
  });

  it('that goes on is not written again, nor is a service without one', () => {
    const story = tell(service, healthy).wait(QUARTER);
    expect(story.happens(trendSeen(story.now())).state).toBe(healthy);
    story.happens(trendSeen(story.now(), 'errors'));
    const known = story.state();
    story.wait(QUARTER);
    expect(story.happens({ ...trendSeen(story.now(), 'errors') })).toEqual({ state: known, intents: [] });
    expect(story.state()).toBe(known);
  });

  it('is over once, and who was told that it began is told so, though that is information', () => {
    const story = tell(makeService({ alerts: { minLevel: 'warning' } }), healthy).wait(QUARTER);
    story.happens(trendSeen(story.now(), 'latency'));
    const { id } = story.state().trend!;
    story.wait(QUARTER).happens(trendSeen(story.now()));
    story.happens(trendSeen(story.now()));
    expect(story.told()).toEqual(['warning early_warning', 'info trend_over']);
    expect(story.recorded()).toEqual(['early_warning', 'trend_over']);
    expect(story.alerts()[1]).toMatchObject({
      ...{ incidentId: id, deduplicationKey: `${id}:trend_over`, detectedAt: T0, resolvedAt: story.now() },
      message: 'Answers are as fast as usual again, after 30 min.',
    });
    expect(story.records()[1]).toMatchObject({ level: 'info', resolvedAt: story.now(), action: 'alert' });
    expect(story.state().trend).toBeUndefined();
    expect(story.state().owed).toEqual({ warning: 1, info: 1 });
  });

  it('of another kind ends the one and begins the other', () => {
    const story = tell(service, healthy).wait(QUARTER);
    story.happens(trendSeen(story.now(), 'errors'));
    const { id } = story.state().trend!;
    story.wait(QUARTER).happens(trendSeen(story.now(), 'latency'));
    expect(story.told()).toEqual(['warning early_warning', 'info trend_over', 'warning early_warning']);
    expect(story.alerts()[1]?.message).toBe('Looks are as good as usual again, after 30 min.');
    expect(story.state().trend).toMatchObject({ kind: 'latency' });
    expect(story.state().trend?.id).not.toBe(id);
  });

  it('seen before the last change comes too late, whatever it says', () => {
    const story = tell(service, healthy).wait(2 * QUARTER);
    story.happens(trendSeen(story.now(), 'latency'));
    const known = story.state();
    for (const event of [trendSeen(story.now()), trendSeen(story.now() - 1), trendSeen(story.now() - 1, 'errors')])
      expect(story.happens(event).state).toBe(known);
    story.wait(1).happens(trendSeen(story.now()));
    const over = story.state();
    expect(over.trend).toBeUndefined();
    expect(story.happens(trendSeen(story.now() - 1, 'latency')).state).toBe(over);
  });
});

describe('people', () => {
  it.each([
    ['a service that is down', service, { health: 'unhealthy', incident: makeIncident() }, undefined],
    ['a service that is paused', service, { paused: { by: 'ada', at: T0 } }, { paused: 1 }],
    ['a service whose alerts are off', makeService({ alerts: { enabled: false } }), {}, { off: 1 }],
    ['a service that speaks up for errors only', makeService({ alerts: { minLevel: 'error' } }), {}, { level: 1 }],
  ] as const)('are not told of a drift of %s; it is in its timeline', (_, quiet, change, counted) => {
    const story = tell(quiet, makeState({ health: 'healthy', ...change, incident: undefined, ...change })).wait(
      QUARTER,
    );
    story.happens(trendSeen(story.now(), 'errors'));
    story.wait(QUARTER).happens(trendSeen(story.now()));
    expect(story.alerts()).toEqual([]);
    expect(story.state().owed).toBeUndefined();
    expect(story.state().heldBack).toEqual(counted);
    expect(story.records()).toMatchObject([
      { kind: 'early_warning', action: 'none' },
      { kind: 'trend_over', action: 'none' },
    ]);
  });

  it('who switch alerts off meanwhile are not told that it is over', () => {
    const first = tell(service, healthy).wait(QUARTER);
    first.happens(trendSeen(first.now(), 'errors'));
    const later = tell(makeService({ alerts: { enabled: false } }), first.state()).wait(3 * QUARTER);
    later.happens(trendSeen(later.now()));
    expect([later.alerts(), later.state().heldBack]).toEqual([[], { off: 1 }]);
  });

  it('read what is not as usual, and that it is as usual again', () => {
    const story = tell(service, healthy).wait(QUARTER);
    story.happens(trendSeen(story.now(), 'latency'));
    story.wait(QUARTER).happens(trendSeen(story.now()));
    const [began, over] = story.alerts().map((alert) => buildNotice(service, alert));
    expect(began?.subject).toBe('[WARNING] Billing API may fail soon');
    expect(over?.subject).toBe('[INFO] Billing API is as usual again');
  });
});
