// A person takes a restart back while it is prepared: what its hook has done, or may have done, is undone before it is over,
// and whatever the cancel meets on its way, nothing else is sent.
import { describe, expect, it } from 'vitest';

import { advance } from '../../../lambdas/core/health/advance.ts';
import type { Report } from '../../../lambdas/core/model/events.ts';
import type { ActKind } from '../../../lambdas/core/model/state.ts';
import { maySend } from '../../../lambdas/core/restart/restart-begin.ts';
import { orderId } from '../../../lambdas/core/restart/restart-plan.ts';
import { restartView } from '../../../lambdas/core/views/restart-view.ts';
import { begin, carryOut, change, everything, fail, mainStep, send, upTo as actsUpTo } from '../../make/acts.ts';
import { cancel, down, reported, request, tick } from '../../make/event.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { type Story, tell } from '../../make/story.ts';

const { before, after, configuration, rollback } = everything;
const serviceOf = (restart: Document['restart'] = { before, after, configuration, rollback }) =>
  makeService({ restart: { steps: [mainStep], backoffSeconds: 0, ...restart } });
const service = serviceOf();
const bob = { kind: 'cancelled', by: 'bob' } as const;
const failing = makeState({ health: 'unhealthy', incident: makeIncident(), restartTimes: [T0 - 5_000] });
/** Ordered by Lamplighter itself, since it was seen down once more. */
const ordered = (of = service) => tell(of, failing).sees(['down']);
/** Everything up to this act, which is next. */
const upTo = (kind: ActKind, story = ordered()): Story => actsUpTo(kind, story);
/** What undoes the hook is next, and nobody has begun it. */
function isUndone(story: Story) {
  const { restart } = story.state();
  expect(restart).toMatchObject({ phase: 'recovering', acts: [{ kind: 'after' }], actIndex: 0, cancelledBy: 'ada' });
  expect(restart).toMatchObject({ begunAt: undefined, handle: undefined, leaseUntil: undefined, recovery: [] });
  expect(orderId(story.restart())).toBe(`${story.restart().id}-r0`);
  expect(story.orders()).toBe(1);
}
/** It counts for nothing, and what comes next is left to people. */
function isCancelled(story: Story) {
  expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: 'cancelled by ada', cancelledBy: 'ada' });
  expect(story.state()).toMatchObject({
    ...{ restartTimes: [T0 - 5_000], totalRestarts: 0, backoffUntil: 0 },
    incident: { restarts: 0, handsOff: 'cancelled' },
  });
  expect(story.orders()).toBe(0);
  expect(story.records().at(-1)).toMatchObject({ kind: 'restart_cancelled', restartId: story.restart().id });
}
const said = (story: Story) => story.records().at(-1)?.message;
const name = 'restart by ECS redeploy of prod/billing';

describe('a cancel behind a hook that has run', () => {
  it.each(['validate', 'backup'] as const)('before %s is sent undoes it, and then the restart is cancelled', (kind) => {
    const story = upTo(kind);
    expect(story.happens(cancel).refusal).toBeUndefined();
    expect(said(story)).toBe(`${name} is cancelled by ada. What was done before it is undone.`);
    isUndone(story);
    expect(story.told()).toEqual([]);
    carryOut(story);
    isCancelled(story);
    expect(said(story)).toBe(`${name} cancelled by ada`);
    story.sees(['down', 'down', 'down']);
    expect(story.state().incident?.held).toBe('a person cancelled the restart');
  });

  it.each(['validate', 'backup'] as const)('while %s is under way lets that end, and undoes it then', (kind) => {
    const story = upTo(kind);
    begin(story);
    send(story);
    expect(story.happens(cancel).refusal).toBeUndefined();
    expect(story.restart()).toMatchObject({ phase: 'preparing', cancelledBy: 'ada', handle: `h-${kind}` });
    expect(said(story)).toBe(`${name} is cancelled by ada. Its ${kind} is under way and goes on to its end.`);
    change(story);
    isUndone(story);
    carryOut(story);
    isCancelled(story);
  });

  it('while the hook itself is under way says so', () => {
    const story = upTo('before');
    begin(story);
    story.happens(cancel);
    expect(said(story)).toBe(`${name} is cancelled by ada. Its before hook is under way and goes on to its end.`);
  });

  it('is shown while it goes on: who, what is undone, and that it is not over', () => {
    const story = upTo('backup');
    story.happens(cancel);
    expect(restartView(story.state())).toMatchObject({
      ...{ phase: 'recovering', underWay: true, cancelledBy: 'ada', failure: null, outcome: null },
      acts: [{ kind: 'after', state: 'current' }],
    });
    carryOut(story);
    expect(restartView(story.state())).toMatchObject({
      ...{ phase: 'cancelled', underWay: false, cancelledBy: 'ada', code: null, outcome: 'cancelled by ada' },
    });
  });

  it('is told to the event bus with its phases, each with a line that names who', () => {
    const story = upTo('backup');
    story.happens(cancel);
    carryOut(story);
    const changes = story
      .pending('record')
      .flatMap((one) =>
        'change' in one && one.change?.restart ? [[one.change.restart.status, one.record.message]] : [],
      );
    expect(changes.slice(-2)).toEqual([
      ['recovering', `${name} is cancelled by ada. What was done before it is undone.`],
      ['cancelled', `${name} cancelled by ada`],
    ]);
  });

  it('keeps why, and says so wherever it is told of', () => {
    const why = { ...cancel, reason: 'the wrong host' };
    const story = upTo('backup');
    begin(story);
    story.happens(why);
    expect(said(story)).toBe(
      `${name} is cancelled by ada: the wrong host. Its backup is under way and goes on to its end.`,
    );
    change(story);
    expect(said(story)).toBe(`${name} is cancelled by ada: the wrong host. What was done before it is undone.`);
    carryOut(story);
    expect(said(story)).toBe(`${name} cancelled by ada: the wrong host`);
    expect(story.records().at(-1)?.details).toMatchObject({ cancelReason: 'the wrong host' });
    expect(restartView(story.state())).toMatchObject({
      ...{ outcome: 'cancelled by ada', cancelledBy: 'ada', cancelReason: 'the wrong host' },
    });
    const atOnce = ordered();
    atOnce.happens(why);
    expect(said(atOnce)).toBe(`${name} cancelled by ada: the wrong host`);
  });

  it('lets no other restart begin until that is over', () => {
    const story = upTo('backup');
    story.happens(cancel);
    expect(story.happens(request()).refusal?.code).toBe('RESTART_001');
    carryOut(story);
    expect(story.happens(request()).refusal).toBeUndefined();
  });

  it('a second time changes nothing, whoever asks, until it is over', () => {
    const story = upTo('backup');
    begin(story);
    for (const isBack of [false, true]) {
      if (isBack) change(story);
      else story.happens(cancel);
      const state = story.state();
      expect(story.happens(bob)).toEqual({ state, intents: [] });
    }
    carryOut(story);
    expect(story.happens(bob).refusal).toMatchObject({ code: 'RESTART_002', message: 'no restart is under way' });
    expect(story.restart().outcome).toBe('cancelled by ada');
  });

  it('has no guard asked of what undoes it, and gives that its own time', () => {
    const story = upTo('backup');
    story.happens(cancel);
    story.reports({ kind: 'begun', before: '', leaseUntil: story.now() + 20_000, fleet: { restartsOn: false } });
    expect(story.restart()).toMatchObject({ phase: 'recovering', begunAt: story.now() });
    story.wait(90).happens(tick());
    expect(story.orders()).toBe(1);
    story.wait(85).happens(tick());
    expect(story.restart().outcome).toBe('cancelled by ada; the hook after it failed: it took longer than 100 s');
  });
});

describe('a cancel while the hook itself is under way', () => {
  it('waits for its end, and then undoes it', () => {
    const story = ordered();
    begin(story);
    expect(story.happens(cancel).refusal).toBeUndefined();
    expect(story.restart()).toMatchObject({ phase: 'preparing', cancelledBy: 'ada' });
    // Whoever was about to send it could not know.
    send(story.wait(1));
    change(story.wait(1));
    isUndone(story);
    carryOut(story);
    isCancelled(story);
  });

  it('undoes nothing where it failed, which puts back by itself what it had begun', () => {
    const story = ordered();
    begin(story);
    send(story);
    story.happens(cancel);
    fail(story);
    isCancelled(story);
    expect(said(story)).toBe(`${name} cancelled by ada; the before hook failed: exit 1`);
    expect(story.restart()).toMatchObject({
      ...{ failure: 'the before hook failed: exit 1', failedAct: 'before', output: 'why' },
    });
    expect(story.told()).toEqual([]);
  });

  it('undoes it where nobody can tell whether it has run', () => {
    const story = ordered();
    begin(story);
    story.happens(cancel);
    story.wait(175).happens(tick());
    isUndone(story);
    expect(story.restart().failure).toBe('the before hook failed: it took longer than 100 s');
    carryOut(story);
    isCancelled(story);
  });

  it('undoes nothing where it turns out that nobody had sent it', () => {
    const story = ordered();
    begin(story);
    story.happens(cancel);
    story.wait(20);
    expect(maySend(story.restart(), story.now())).toBe(true);
    begin(story);
    story.reports({ kind: 'unsent', fleet: { restartsOn: true } });
    isCancelled(story);
  });
});

describe('a cancelled restart', () => {
  it.each([
    ['validate', 'RESTART_004 validate failed: exit 1'],
    ['backup', 'RESTART_003 backup failed: exit 1'],
  ] as const)('says that its %s has failed, and undoes the hook all the same', (kind, failure) => {
    const story = upTo(kind);
    begin(story);
    send(story);
    story.happens(cancel);
    fail(story);
    isUndone(story);
    expect(story.restart()).toMatchObject({ failure, failedAct: kind, output: 'why' });
    carryOut(story);
    isCancelled(story);
    expect(said(story)).toBe(`${name} cancelled by ada; ${failure}`);
  });

  it('whose backup nobody had sent undoes the hook before it', () => {
    const story = upTo('backup');
    begin(story);
    story.happens(cancel);
    story.wait(20);
    begin(story);
    story.reports({ kind: 'unsent', fleet: { restartsOn: true } });
    isUndone(story);
    expect(story.restart().failure).toBeUndefined();
  });

  it('tells people where the hook that undoes it fails, for what was done before still stands', () => {
    const story = upTo('backup');
    story.happens(cancel);
    begin(story);
    fail(story);
    const outcome = 'cancelled by ada; the hook after it failed: exit 1';
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome, output: 'why', cancelledBy: 'ada' });
    expect(story.told()).toEqual(['error restart_failed']);
    expect(story.alerts().at(-1)).toMatchObject({ message: `${name} failed: ${outcome}`, handsOff: true });
    expect(story.state()).toMatchObject({
      ...{ restartTimes: [T0 - 5_000], health: 'unhealthy' },
      incident: { restarts: 0, handsOff: 'cancelled' },
    });
  });

  it('calls a service that was well degraded where that hook fails, and leaves later outages to the ladder', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.happens(request());
    upTo('backup', story).happens(cancel);
    begin(story);
    fail(story);
    expect(story.state()).toMatchObject({ health: 'degraded', restartTimes: [] });
    expect(story.state().incident?.handsOff).toBeUndefined();
    expect(story.alerts().at(-1)?.handsOff).toBeUndefined();
    expect(story.told()).toEqual(['error restart_failed']);
  });

  it('is over at once where nothing undoes what was done, or nothing was done', () => {
    for (const around of [
      { before, configuration },
      { after, configuration },
    ]) {
      const story = upTo('backup', ordered(serviceOf(around)));
      begin(story);
      story.happens(cancel);
      isCancelled(story);
    }
    const fresh = ordered();
    fresh.happens(cancel);
    isCancelled(fresh);
  });

  it('ends a cascade as ever: at once the one that is under way, and with it the one it was to begin', () => {
    const cascade = { restartId: 'rst-0', by: 'ada', reason: 'x', force: false, level: 0, nextAt: T0 };
    const story = tell(service, makeState({ health: 'healthy', cascade }));
    story.sees(['down', 'down', 'down']);
    upTo('backup', story).happens(cancel);
    expect([story.state().cascade, story.restart().phase]).toEqual([undefined, 'recovering']);
    const asked = tell(service, makeState({ health: 'healthy' }));
    asked.happens(request({ cascade: true }));
    upTo('backup', asked).happens(cancel);
    carryOut(asked);
    expect(asked.recorded().slice(-2)).toEqual(['cascade_stopped', 'restart_cancelled']);
  });
});

describe('what comes late, or twice', () => {
  it('finds the restart cancelled: whoever was about to begin the next act begins nothing', () => {
    const story = upTo('backup');
    const late = orderId(story.restart());
    story.happens(cancel);
    const state = story.state();
    const reports: Report[] = [
      { kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet: { restartsOn: true } },
      { kind: 'refused', reason: 'late' },
      { kind: 'failed', reason: 'late' },
    ];
    for (const report of reports)
      expect(advance(service, state, reported(story.restart().id, report, 0, late), story.now())).toEqual({
        ...{ state, intents: [] },
      });
  });

  it('a look in between decides nothing', () => {
    const story = upTo('backup');
    story.happens(cancel);
    const { incident, restart } = story.state();
    story.wait(60).happens(down(story.now()));
    expect(story.state()).toMatchObject({ incident, restart });
  });

  it('that it was never sent is said of nothing else: not uncancelled, not sent, not what undoes it', () => {
    const uncancelled = upTo('backup');
    begin(uncancelled);
    const sent = upTo('backup');
    begin(sent);
    send(sent);
    sent.happens(cancel);
    const undoing = upTo('backup');
    undoing.happens(cancel);
    begin(undoing);
    for (const story of [uncancelled, sent, undoing]) {
      const state = story.state();
      expect(story.reports({ kind: 'unsent', fleet: { restartsOn: true } })).toEqual({ state, intents: [] });
    }
  });
});

describe('a hook of which nobody knows whether it has run', () => {
  it('is undone, too, where nobody has cancelled', () => {
    const story = ordered();
    begin(story);
    story.wait(175).happens(tick());
    expect(story.restart()).toMatchObject({ phase: 'recovering', acts: [{ kind: 'after' }] });
    carryOut(story);
    const outcome = 'the before hook failed: it took longer than 100 s; what was done before it is undone';
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome });
  });

  it('is not where nobody had begun it', () => {
    const story = ordered();
    story.wait(900).happens(tick());
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'nobody carried the order out' });
  });
});
