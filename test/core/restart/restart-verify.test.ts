// What becomes of a restart whose time for verification is over: seen down it fails, seen by nobody it is waited for, and
// what answers is heard to the end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import {
  heartbeatsFrom,
  leastVerifySeconds,
  UNSEEN,
  verificationOver,
  verifyEveryMs,
} from '../../../lambdas/core/restart/restart-verify.ts';
import { everything, mainStep } from '../../make/acts.ts';
import { down, request, tick, unknown, up } from '../../make/event.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeRestart, makeState, T0 } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const { rollback } = everything;
const serviceOf = (restart: Document['restart'] = {}) =>
  makeService({ restart: { steps: [mainStep, mainStep], rollback, backoffSeconds: 0, warmUpSeconds: 10, ...restart } });
/** It was down, its step is done, and the warm-up is over. */
const verifying = (restart: Document['restart'] = {}) =>
  tell(serviceOf(restart), makeState({ health: 'healthy' }))
    .sees(times<Verdict>(3, 'down'))
    .restarts()
    .wait(10);
/** Looks that can tell nothing, every five seconds for so long; each round lets time pass as well. */
function blind(story: ReturnType<typeof verifying>, seconds: number) {
  for (let passed = 0; passed < seconds; passed += 5) {
    story
      .wait(5)
      .happens(unknown(story.now(), { intentId: story.state().intents.find(({ kind }) => kind === 'probe')?.id }));
    story.happens(tick());
  }
  return story;
}

describe('a verification that saw only unknown', () => {
  it('is no failure at its deadline: it goes on, and asks for looks', () => {
    const story = blind(verifying(), 120 + 235);
    expect(story.restart()).toMatchObject({ phase: 'verifying' });
    expect(story.pending('probe')).toHaveLength(1);
    expect(new Set(story.told())).toEqual(new Set(['warning unhealthy']));
  });

  it('is completed by the looks that come at last', () => {
    const story = blind(verifying(), 300);
    for (const _ of [1, 2]) {
      story.wait(5).happens(up(story.now()));
      story.happens(tick());
    }
    expect(story.restart()).toMatchObject({ phase: 'completed', outcome: 'verified' });
  });

  it('is taken back by the first look that finds it down, and not before', () => {
    const story = blind(verifying(), 300);
    story.wait(5).happens(down(story.now()));
    story.happens(tick());
    expect(story.restart()).toMatchObject({
      phase: 'recovering',
      failure: 'the service did not become healthy in time',
    });
  });

  it('ends as failed after twice its time more, with nothing taken back, and people are told', () => {
    const story = blind(verifying(), 120 + 240);
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: UNSEEN });
    expect(story.pending('probe')).toEqual([]);
    expect(story.orders()).toBe(0);
    expect(story.recorded()).not.toContain('restart_recovering');
    expect(story.records().at(-1)).toMatchObject({ kind: 'restart_failed', action: 'restart' });
    expect(story.alerts().at(-1)).toMatchObject({
      kind: 'restart_failed',
      message: 'restart by ECS redeploy of prod/billing failed: could not be verified: nobody could look',
    });
  });

  it('leads to no next step before somebody has looked, and seen it down', () => {
    const story = blind(verifying(), 120 + 240);
    const { id } = story.restart();
    blind(story, 600);
    expect(story.restart().id).toBe(id);
    expect(story.sees(['down']).restart()).toMatchObject({ phase: 'preparing', stepIndex: 1 });
  });

  it('calls a service that was well before degraded, and not unhealthy', () => {
    const story = tell(serviceOf(), makeState({ health: 'healthy' }));
    story.happens(request());
    blind(story.restarts().wait(10), 120 + 240);
    expect(story.restart().outcome).toBe(UNSEEN);
    expect(story.state()).toMatchObject({
      health: 'degraded',
      incident: { failureType: 'restart_failed', restarts: 1 },
    });
    expect(story.told()).toEqual(['error restart_failed']);
    expect(story.sees(['up', 'up']).state()).toMatchObject({ health: 'healthy' });
  });

  it.each([
    [10, 60],
    [30, 60],
    [120, 240],
    [900, 1_800],
    [3_600, 1_800],
  ])('of %i s goes on for %i s more', (verifyTimeoutSeconds, longer) => {
    const story = verifying({ verifyTimeoutSeconds }).wait(verifyTimeoutSeconds + longer - 1);
    story.happens(tick());
    expect(story.restart().phase).toBe('verifying');
    story.wait(1).happens(tick());
    expect(story.restart().outcome).toBe(UNSEEN);
  });
});

describe('a look before the instance changed, by a clock that is ahead', () => {
  it('is none of the verification: without another one, nobody has seen how the service is', () => {
    const story = tell(serviceOf({ warmUpSeconds: 0, verifyTimeoutSeconds: 60 }), makeState({ health: 'healthy' }));
    story.happens(request());
    story.happens(up(story.now() + 300));
    story.restarts();
    story.wait(61).happens(tick());
    expect(story.restart()).toMatchObject({ phase: 'verifying', holdUntil: story.now() - 61_000 + 301 });
    expect(story.state()).toMatchObject({ health: 'healthy' });
  });
});

/** Looked at so many seconds before its deadline, and then no more. */
function lookedAt(verdict: Verdict, ago: number) {
  const story = verifying().wait(120 - ago);
  story.happens(verdict === 'up' ? up(story.now()) : down(story.now()));
  story.wait(ago).happens(tick());
  return story;
}

describe('a verification in which nobody could look any more', () => {
  it.each<[string, Verdict, number, string]>([
    ['a down that is older than a minute', 'down', 61, 'verifying'],
    ['an answer, however old', 'up', 61, 'verifying'],
    ['an answer, however new', 'up', 60, 'verifying'],
  ])('goes on after %s', (_, verdict, ago, phase) => {
    expect(lookedAt(verdict, ago).restart().phase).toBe(phase);
  });

  it('does not go on after a down that is not older than a minute', () => {
    expect(lookedAt('down', 60).restart().phase).toBe('recovering');
  });

  it('ends like one that saw nothing, though the last that was seen was an answer', () => {
    const story = blind(lookedAt('up', 60), 235);
    expect(story.restart().phase).toBe('verifying');
    expect(blind(story, 5).restart()).toMatchObject({ phase: 'failed', outcome: UNSEEN });
  });

  it('though it answered after the deadline does not wait for the next look for ever', () => {
    const story = blind(verifying(), 300);
    story.wait(5).happens(up(story.now()));
    blind(story, 55);
    expect(story.restart().phase).toBe('verifying');
    blind(story, 5);
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: UNSEEN });
  });

  it('goes on with the first answer, however late the first look comes', () => {
    const story = verifying().wait(5_000);
    story.happens(up(story.now()));
    story.happens(tick());
    expect(story.restart().phase).toBe('verifying');
    story.wait(5).happens(up(story.now()));
    expect(story.restart().phase).toBe('completed');
  });

  it('ends too when it is not known when its warm-up was over', () => {
    const restart = makeRestart({ phase: 'verifying', deadlineAt: T0 });
    const context = { service: serviceOf(), now: T0 + 1_800_000 };
    const over = (now: number) =>
      verificationOver({ ...context, now }, makeState({ restart }), restart, 0).state.restart;
    expect([over(T0 + 1_799_999)?.phase, over(T0 + 1_800_000)?.outcome]).toEqual(['verifying', UNSEEN]);
  });
});

describe('a service that answers when its time is over', () => {
  const answering = () => {
    const story = verifying().wait(118);
    story.happens(up(story.now()));
    story.wait(2).happens(tick());
    return story;
  };

  it('is heard to the end', () => {
    const story = answering();
    expect(story.restart().phase).toBe('verifying');
    story.wait(3).happens(up(story.now()));
    expect(story.restart()).toMatchObject({ phase: 'completed', outcome: 'verified' });
  });

  it('is taken back at its next failure', () => {
    const story = answering();
    story.wait(3).happens(down(story.now()));
    story.happens(tick());
    expect(story.restart()).toMatchObject({ failure: 'the service did not become healthy in time' });
  });

  it('is never failed for looks that all found it well, however short its time, and whatever ticks come between', () => {
    const late = { min: 0, max: 59_000 };
    const looks = fc.array(fc.record({ after: fc.nat(20_000), ticks: fc.array(fc.nat(10_000), { maxLength: 3 }) }), {
      minLength: 10,
      maxLength: 10,
    });
    const settings = fc.record({
      intervalSeconds: fc.constantFrom(2, 3, 10, 60, 3_600),
      successThreshold: fc.integer({ min: 1, max: 10 }),
      spare: fc.constantFrom(0, 0, 1, 7),
    });
    fc.assert(
      fc.property(settings, looks, fc.integer(late), ({ intervalSeconds, successThreshold, spare }, drawn, lateMs) => {
        const plain = { probe: { kind: 'heartbeat', intervalSeconds }, policy: { successThreshold } } as const;
        const verifyTimeoutSeconds = Math.max(1, leastVerifySeconds(makeService(plain))) + spare;
        const service = makeService({ ...plain, restart: { steps: [mainStep], rollback, verifyTimeoutSeconds } });
        const story = tell(service, makeState({ health: 'healthy' }));
        story.happens(request());
        story.restarts().wait(service.restart.warmUpSeconds + lateMs / 1000);
        for (const { after, ticks } of drawn.slice(0, successThreshold)) {
          expect(story.restart().phase).toBe('verifying');
          story.happens(up(story.now()));
          // A look comes when it is due, or late by what its queue and the look itself take.
          for (const ms of [0, ...ticks]) story.wait(ms / 1000).happens(tick());
          story.wait(verifyEveryMs(service) / 1000 + after / 1000);
        }
        expect(story.restart().phase).toBe('completed');
      }),
    );
  });
});

describe('the shortest time for a verification', () => {
  it.each([
    [60, 2, 5],
    [60, 4, 15],
    [3, 4, 9],
    [10, 1, 0],
  ])('with a beat every %i s and %i answers in a row is %i s', (intervalSeconds, successThreshold, seconds) => {
    const service = makeService({ probe: { kind: 'heartbeat', intervalSeconds }, policy: { successThreshold } });
    expect(leastVerifySeconds(service)).toBe(seconds);
  });
});

describe('a heartbeat in a verification', () => {
  const heartbeat = makeService({ probe: { kind: 'heartbeat', intervalSeconds: 60, graceSeconds: 30 } });
  const verified = { phase: 'verifying', changedAt: T0, holdUntil: T0 + 10_000, deadlineAt: T0 + 100_000 } as const;
  const from = (change: object, service = heartbeat) =>
    heartbeatsFrom(service, makeState({ restart: makeRestart({ ...verified, ...change }) }));

  it.each([
    ['where there is time for the next one', {}, T0],
    ['where nobody knows when its warm-up was over', { holdUntil: undefined }, T0],
    ['not where that is due later than it may be verified', { deadlineAt: T0 + 99_999 }, undefined],
    ['not while nothing new stands there', { phase: 'restarting' }, undefined],
    ['not when the restart is over', { phase: 'completed' }, undefined],
  ])('counts from when something new stands there: %s', (_, change, expected) => {
    expect(from(change)).toBe(expected);
  });

  it('says nothing of a service that is asked, or is not restarted', () => {
    expect(from({}, makeService())).toBeUndefined();
    expect(heartbeatsFrom(heartbeat, makeState())).toBeUndefined();
  });
});
