// What people ask for, what time does, and how intents are claimed, handed over again and struck off.
import { describe, expect, it } from 'vitest';

import { phases } from '../../../lambdas/core/model/conditions.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import { cancel, probed, request, tick, unknown } from '../../make/event.ts';
import { ecsStep, makeService, ssmStep } from '../../make/service.ts';
import { makeIncident, makeRecordIntent, makeRestart, makeState, T0 } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const service = makeService({ restart: { steps: [ecsStep, ssmStep], maxRestarts: 2 } });
const healthy = makeState({ health: 'healthy' });
const underWay = ['preparing', 'waiting_requests', 'restarting', 'verifying', 'recovering'];

describe('a person who asks for a restart', () => {
  it('gets one of a healthy service, with the first step and in his name', () => {
    const story = tell(service, healthy);
    const step = story.happens(request({ force: true }));
    expect(step.refusal).toBeUndefined();
    expect(story.restart()).toMatchObject({
      phase: 'preparing',
      stepIndex: 0,
      trigger: 'manual',
      by: 'ada',
      reason: 'it hangs',
      force: true,
    });
    expect(step.intents.map(({ kind }) => kind)).toEqual(['restart', 'record']);
    expect(story.told()).toEqual([]);
  });

  it('is put right after one that is under way', () => {
    const story = tell(service, healthy);
    story.happens(request());
    const before = story.state();
    const step = story.happens(request({ force: true }));
    expect(step).toEqual({
      state: before,
      intents: [],
      refusal: { code: 'RESTART_001', message: `restart ${story.restart().id} is under way (preparing)` },
    });
  });

  it('is told when there are no steps', () => {
    const story = tell(makeService({ restart: {} }), healthy);
    expect(story.happens(request({ force: true })).refusal).toEqual({
      code: 'NO_RESTART_STEPS',
      message: 'the service has no restart steps; register some under restart.steps',
    });
    expect(story.state()).toBe(healthy);
  });

  it('is told when the budget is used up, and may go past it', () => {
    const used = makeState({ health: 'healthy', restartTimes: [T0, T0] });
    const story = tell(service, used);
    expect(story.happens(request()).refusal).toEqual({
      code: 'RESTART_LIMIT',
      message: 'the limit of 2 restarts in 3600 s is used up; ask with "force": true to go past it',
    });
    expect(story.state()).toBe(used);
    expect(story.happens(request({ force: true })).refusal).toBeUndefined();
    expect(story.state().restartTimes).toHaveLength(3);
  });

  it.each(['limit', 'cancelled'] as const)('frees hands that are off because of %s', (handsOff) => {
    const story = tell(service, makeState({ health: 'unhealthy', incident: makeIncident({ handsOff, restarts: 1 }) }));
    story.happens(request());
    expect(story.state().incident).toMatchObject({ handsOff: undefined, restarts: 2 });
    expect(story.restart().stepIndex).toBe(1);
    story.reports({ kind: 'failed', reason: 'x' });
    expect(story.wait(600).sees(['down']).restart()).toMatchObject({ trigger: 'automatic', phase: 'preparing' });
  });

  it('has his order recorded even while automatic ones are held', () => {
    const story = tell(service, makeState({ health: 'unhealthy', incident: makeIncident() })).sees(['down']);
    story.reports({ kind: 'refused', reason: 'scaled to zero' });
    story.happens(request());
    expect(story.recorded()).toEqual(['restart_ordered', 'restart_held', 'restart_ordered']);
    story.reports({ kind: 'refused', reason: 'scaled to zero' });
    expect(story.recorded().at(-1)).toBe('restart_held');
  });
});

describe('a person who cancels', () => {
  it('takes the order and its budget back, and nothing is restarted until somebody acts or it recovers', () => {
    const story = tell(service, makeState({ health: 'unhealthy', incident: makeIncident(), restartTimes: [T0] }));
    story.sees(['down']);
    expect(story.happens(cancel).refusal).toBeUndefined();
    expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: 'cancelled by ada', endedAt: story.now() });
    expect(story.state()).toMatchObject({
      restartTimes: [T0],
      totalRestarts: 0,
      backoffUntil: 0,
      incident: { restarts: 0, handsOff: 'cancelled' },
    });
    expect(story.orders()).toBe(0);
    expect(story.records().at(-1)).toMatchObject({
      kind: 'restart_cancelled',
      message: 'restart by ECS redeploy of prod/billing cancelled by ada',
    });
    story.sees(times<Verdict>(3, 'down'));
    expect(story.restart().phase).toBe('cancelled');
    expect(story.state().incident?.held).toBe('a person cancelled the restart');
    expect(story.sees(['up', 'up', ...times<Verdict>(3, 'down')]).restart().phase).toBe('preparing');
  });

  it('takes back one order only, even when an earlier one came in the same millisecond', () => {
    const story = tell(service, makeState({ health: 'healthy', restartTimes: [T0] }));
    story.happens(request());
    story.happens(cancel);
    expect(story.state().restartTimes).toEqual([T0]);
    expect(story.state().incident).toBeUndefined();
  });

  it.each(phases.filter((phase) => phase !== 'preparing'))('comes too late or for nothing in phase %s', (phase) => {
    const start = makeState({ restart: makeRestart({ phase }) });
    expect(tell(service, start).happens(cancel)).toEqual({
      state: start,
      intents: [],
      refusal: {
        code: 'RESTART_002',
        message: underWay.includes(phase)
          ? `it is ${phase}: a restart can be cancelled while it is preparing, and not later`
          : 'no restart is under way',
      },
    });
  });

  it('begins no run of downs from before the order', () => {
    const story = tell(service, healthy).sees(['down', 'down']);
    story.happens(request());
    story.sees(['up', 'up']);
    story.happens(cancel);
    expect(story.sees(['down', 'down']).state().health).toBe('healthy');
  });
});

describe('intents', () => {
  const pending = [makeRecordIntent('i1'), makeRecordIntent('i2')];
  const start = makeState({ intents: pending });

  it('are handed over again after a minute, and a minute after that', () => {
    const story = tell(service, start).wait(59);
    expect(story.happens(tick())).toEqual({ state: start, intents: [] });
    expect(
      story
        .wait(1)
        .happens(tick())
        .intents.map(({ id }) => id),
    ).toEqual(['i1', 'i2']);
    expect(story.state().intents[0]).toEqual({ ...pending[0], handedAt: T0 + 60_000 });
    expect(story.wait(59).happens(tick()).intents).toEqual([]);
    expect(story.wait(1).happens(tick()).intents).toHaveLength(2);
  });

  it('are left alone while somebody is carrying them out', () => {
    const story = tell(service, start);
    story.happens({ kind: 'claimed', intentIds: ['i1'], until: T0 + 70_000 });
    story.wait(60);
    expect(story.happens(tick()).intents.map(({ id }) => id)).toEqual(['i2']);
    expect(
      story
        .wait(10)
        .happens(tick())
        .intents.map(({ id }) => id),
    ).toEqual(['i1']);
  });

  it('are not handed over twice by the tick that made them', () => {
    const story = tell(service, makeState({ restart: makeRestart({ phase: 'restarting', deadlineAt: T0 + 900_000 }) }));
    expect(story.wait(600).happens(tick()).intents).toHaveLength(1);
  });

  it('that wish for a later look are not late before their time', () => {
    const look = { id: 'i1', at: T0, handedAt: T0, kind: 'probe', dueAt: T0 + 100_000 } as const;
    const story = tell(service, makeState({ intents: [look] })).wait(159);
    expect(story.happens(tick()).intents).toEqual([]);
    expect(story.wait(1).happens(tick()).intents).toHaveLength(1);
  });

  it('are claimed by one alone', () => {
    const story = tell(service, start);
    const mine = { kind: 'claimed', intentIds: ['i1', 'gone'], until: T0 + 20_000 } as const;
    story.happens(mine);
    expect(story.state().intents.map(({ claimedUntil }) => claimedUntil)).toEqual([T0 + 20_000, undefined]);
    const before = story.state();
    story.happens(mine);
    story.happens({ ...mine, until: T0 + 50_000 });
    expect(story.state()).toBe(before);
    story.wait(20).happens({ ...mine, until: T0 + 50_000 });
    expect(story.state().intents[0]?.claimedUntil).toBe(T0 + 50_000);
  });

  it('are struck off by whoever carried them out, and then are gone', () => {
    const story = tell(service, start);
    const done = { kind: 'carried_out', intentIds: ['i2'] } as const;
    story.happens(done);
    expect(story.state().intents).toEqual([pending[0]]);
    const before = story.state();
    story.happens(done);
    expect(story.state()).toBe(before);
  });

  it('that asked for a look are struck off by it', () => {
    const look = { id: 'i1', at: T0, handedAt: T0, kind: 'probe', dueAt: T0 } as const;
    const story = tell(service, makeState({ health: 'healthy', intents: [look] }));
    story.sees(['up'], { intentId: 'i1' });
    expect(story.state().intents).toEqual([]);
  });
});

describe('a look that could not tell', () => {
  it('changes nothing', () => {
    expect(tell(service, healthy).sees(['unknown']).state()).toBe(healthy);
  });

  it('is shown to a person who asked for it, and counts for nothing', () => {
    const story = tell(service, healthy).sees(['unknown'], { asked: true });
    expect(story.state()).toEqual({
      ...healthy,
      last: { beat: T0 + 60_000, verdict: 'unknown', cause: 'own_trouble' },
    });
    const before = story.state();
    story.happens(unknown(T0 + 60_000, { asked: true }));
    expect(story.state()).toBe(before);
    expect(story.happens(probed('down', T0 + 60_000)).state.downs).toBe(1);
  });
});

describe('an event of an unknown kind', () => {
  it('is a fault of ours', () => {
    expect(() => tell(service).happens({ kind: 'slept' } as never)).toThrow('unhandled case: {"kind":"slept"}');
  });
});
