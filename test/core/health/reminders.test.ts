// An incident that goes on: reminders at growing distance, who has it in hand, and who is told when nobody has.
import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import { acknowledgedView, presentState } from '../../../lambdas/core/views/noise-view.ts';
import { makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { type Story, tell, times } from '../../make/story.ts';

const once = { failureThreshold: 1, successThreshold: 1 } as const;
const service = makeService({ policy: once, restart: { steps: [] } });
const escalating = makeService({ policy: once, restart: { steps: [] }, alerts: { escalateAfterMinutes: 15 } });
const healthy = makeState({ health: 'healthy' });
const down = (story: Story, minutes: number) => story.sees(times<Verdict>(minutes, 'down'));
/** Minutes after the outage began at which each alert of a kind came. */
const minutesOf = (story: Story, wanted: string) =>
  story.alerts().flatMap(({ kind, at = 0, detectedAt }) => (kind === wanted ? [(at - detectedAt) / 60_000] : []));

describe('reminders', () => {
  it('come after half an hour, and then each twice as long after the one before, at most a day', () => {
    const story = down(tell(service, healthy), 5 * 24 * 60);
    expect(minutesOf(story, 'reminder')).toEqual([30, 90, 210, 450, 930, 1_890, 3_330, 4_770, 6_210]);
    const [first] = story.alerts().filter(({ kind }) => kind === 'reminder');
    expect(first).toMatchObject({
      ...{ level: 'error', deduplicationKey: `${story.state().incident?.id}:reminder:1` },
      ...{ message: 'Still down after 30 min, no restarts tried.', failureType: 'health_check_failed' },
    });
  });

  it('say how many restarts were tried, and that what answers is degraded', () => {
    const incident = makeIncident({ restarts: 1, alerted: ['degraded'] });
    const story = tell(service, makeState({ health: 'degraded', incident, slows: 1 }))
      .wait(1_800)
      .sees(['slow']);
    expect(story.alerts()).toMatchObject([
      { level: 'warning', message: 'Still degraded after 31 min, 1 restart tried.' },
    ]);
    const two = tell(service, makeState({ health: 'unhealthy', incident: { ...incident, restarts: 2 } }));
    expect(down(two.wait(1_800), 1).alerts()[0]?.message).toBe('Still down after 31 min, 2 restarts tried.');
  });

  it('cost no write but at the looks at which one is due', () => {
    const incident = makeIncident({ alerted: ['degraded'] });
    const story = tell(service, makeState({ health: 'degraded', incident, slows: 1, answers: 1 })).sees(['slow']);
    let writes = 0;
    for (const _ of times(240, 0)) {
      const before = story.state();
      if (story.sees(['slow']).state() !== before) writes += 1;
    }
    expect([writes, minutesOf(story, 'reminder').length]).toEqual([3, 3]);
  });

  it('are not for who knows nothing of it, wants no such level, or wants none', () => {
    const alerts = [{ enabled: false }, { minLevel: 'critical' }, { remindAfterMinutes: 0 }] as const;
    for (const each of alerts) {
      const story = down(tell(makeService({ policy: once, restart: { steps: [] }, alerts: each }), healthy), 100);
      expect(minutesOf(story, 'reminder')).toEqual([]);
    }
    const known = makeState({ health: 'unhealthy', incident: makeIncident({ alerted: ['restart_limit_exceeded'] }) });
    const critical = makeService({ policy: once, restart: { steps: [] }, alerts: { minLevel: 'critical' } });
    expect(down(tell(critical, known), 100).told()).toEqual([]);
  });

  it('do not come while it answers, is paused, or is part of something larger', () => {
    const known = makeState({ health: 'unhealthy', incident: makeIncident() });
    const patient = makeService({ policy: { failureThreshold: 1, successThreshold: 3 }, restart: { steps: [] } });
    const storm = { fleet: { restartsOn: true, storm: 'storm: all fail' } };
    const part = { fleet: { restartsOn: true, dependencies: [{ service: 'db', essential: true, isDown: true }] } };
    expect(tell(patient, known).wait(3_600).sees(['up', 'slow']).told()).toEqual([]);
    expect(tell(service, known).wait(3_600).sees(['down'], storm).sees(['down'], part).told()).toEqual([]);
    const paused = tell(service, { ...known, paused: { by: 'ada', at: T0, until: T0 + 7_200_000 } });
    expect(down(paused.wait(3_600), 30).told()).toEqual([]);
    expect(down(paused.wait(1_800), 1).told()).toEqual(['error reminder']);
    const untold = { ...known, incident: makeIncident({ untold: true, alerted: ['restart_failed'] }) };
    expect(tell(service, untold).wait(3_600).sees(['down'], storm).told()).toEqual([]);
  });

  it('wait for the next look when there is other news', () => {
    const untold = makeState({
      health: 'unhealthy',
      incident: makeIncident({ untold: true, alerted: ['degraded'], toldAt: T0 }),
    });
    const story = down(tell(service, untold).wait(3_600), 2);
    expect(story.told()).toEqual(['error unhealthy', 'error reminder']);
  });
});

describe('who acknowledges an incident', () => {
  it('is shown with why and until when, kept in the timeline, and is there once', () => {
    const story = down(tell(service, healthy), 1);
    const asked = { kind: 'acknowledged', by: 'eve', reason: 'on it', until: story.now() + 60_000 } as const;
    story.happens(asked);
    const after = story.state();
    expect(story.happens(asked).state).toBe(after);
    const since = new Date(story.now()).toISOString();
    const until = new Date(story.now() + 60_000).toISOString();
    const view = { acknowledged: { user: 'eve', reason: 'on it', since, until } };
    expect(acknowledgedView(presentState(after, story.now()))).toEqual(view);
    expect(acknowledgedView(presentState(after, story.now() + 60_000))).toEqual({ acknowledged: null });
    expect(story.records().at(-1)).toMatchObject({ kind: 'acknowledged', message: 'acknowledged by eve: on it' });
    expect(story.records().at(-1)?.details).toEqual({ until: asked.until });
    story.happens({ kind: 'acknowledged', by: 'bob' });
    expect(story.records().at(-1)).toMatchObject({ message: 'acknowledged by bob' });
    expect(acknowledgedView(story.state()).acknowledged).toMatchObject({ user: 'bob', reason: null, until: null });
    expect(acknowledgedView(presentState(healthy, T0))).toEqual({ acknowledged: null });
  });

  it('a pause is shown until it is over', () => {
    const paused = { by: 'ada', at: T0, until: T0 + 60_000 };
    expect(presentState({ ...healthy, paused }, T0 + 59_999).paused).toEqual(paused);
    expect(presentState({ ...healthy, paused }, T0 + 60_000).paused).toBeUndefined();
  });

  it('is told that there is none, where there is none', () => {
    const step = tell(service, healthy).happens({ kind: 'acknowledged', by: 'eve' });
    expect(step.refusal).toEqual({ code: 'NO_INCIDENT', message: 'there is no open incident to acknowledge' });
    expect(step.state).toBe(healthy);
  });

  it('is not reminded, nor is anybody else, until then; what was held is counted', () => {
    const story = down(tell(escalating, healthy), 1);
    story.happens({ kind: 'acknowledged', by: 'eve', until: story.now() + 120 * 60_000 });
    down(story, 119);
    expect([story.told(), story.state().heldBack]).toEqual([['error unhealthy'], { acknowledged: 2 }]);
    down(story, 2);
    expect(story.told()).toEqual(['error unhealthy', 'critical escalation', 'error reminder']);
    expect(story.alerts().at(-2)?.message).toBe('It is down for 2 h 0 min, and nobody has acknowledged it any more.');
  });

  it('has it to its end when no time is named, and no longer', () => {
    const story = down(tell(escalating, healthy), 1);
    story.happens({ kind: 'acknowledged', by: 'eve' });
    down(story, 300).sees(['up']);
    expect(story.told()).toEqual(['error unhealthy', 'info recovered']);
    down(story, 17);
    expect(story.told().slice(2)).toEqual(['error unhealthy', 'critical escalation']);
  });

  it('is told of what is new all the same', () => {
    const healing = makeService({ policy: once });
    const story = down(tell(healing, healthy), 1);
    story.happens({ kind: 'acknowledged', by: 'eve' });
    story.reports({ kind: 'failed', reason: 'rolled back' });
    expect(story.told()).toEqual(['warning unhealthy', 'error restart_failed']);
  });
});

describe('an outage that nobody acknowledges', () => {
  it('is told once as critical when its time is over, also to who heard nothing of it before', () => {
    const quiet = { ...escalating, alerts: { ...escalating.alerts, minLevel: 'critical' as const } };
    for (const each of [escalating, quiet]) {
      const story = down(tell(each, healthy), 200);
      expect(minutesOf(story, 'escalation')).toEqual([15]);
      expect(story.alerts().find(({ kind }) => kind === 'escalation')).toMatchObject({
        ...{ level: 'critical', deduplicationKey: `${story.state().incident?.id}:escalation` },
        message: 'It is down for 15 min, and nobody has acknowledged it.',
      });
    }
  });

  it.each([
    ['off', { alerts: { enabled: false } }, {}, {}],
    ['paused', {}, { paused: { by: 'ada', at: T0 } }, {}],
    ['storm', {}, {}, { storm: 'storm: all fail' }],
    ['folded', {}, {}, { dependencies: [{ service: 'db', essential: true, isDown: true }] }],
  ] as const)(
    "is counted once, as %s, while nobody wants to hear that it is nobody's",
    (reason, change, start, around) => {
      const each = { ...escalating, alerts: { ...escalating.alerts, ...('alerts' in change && change.alerts) } };
      const known = makeState({ health: 'unhealthy', incident: makeIncident({ alerted: ['unhealthy'] }), ...start });
      const story = tell(each, known).sees(times<Verdict>(60, 'down'), { fleet: { restartsOn: true, ...around } });
      expect([minutesOf(story, 'escalation'), story.state().heldBack]).toEqual([[], { [reason]: 1 }]);
    },
  );

  it('is told after a pause in which it was due, once', () => {
    const story = down(tell(escalating, healthy), 1);
    story.happens({ kind: 'paused', by: 'ada' });
    down(story, 20).happens({ kind: 'resumed', by: 'ada' });
    expect(minutesOf(down(story, 3), 'escalation')).toEqual([21]);
    expect(story.state().heldBack).toEqual({ paused: 1 });
  });

  it('stays with who has it when it only is degraded, when nobody is to be told, or when no time is set', () => {
    const off = { ...escalating, alerts: { ...escalating.alerts, enabled: false } };
    for (const [each, verdict] of [
      [escalating, 'slow'],
      [off, 'down'],
      [service, 'down'],
    ] as const)
      expect(minutesOf(tell(each, healthy).sees(times<Verdict>(60, verdict)), 'escalation')).toEqual([]);
  });
});
