// The guards are asked again before each act that cannot be undone: what was ordered in peace may meet a storm after its
// hooks, and what has failed may have failed because of one.
import { describe, expect, it } from 'vitest';

import { advance } from '../../../lambdas/core/health/advance.ts';
import type { Surroundings } from '../../../lambdas/core/model/fleet.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import type { ActKind } from '../../../lambdas/core/model/state.ts';
import { currentAct, orderId } from '../../../lambdas/core/restart/restart-plan.ts';
import { isBeforeStep } from '../../../lambdas/core/restart/restart-wanted.ts';
import { everything, mainStep } from '../../make/acts.ts';
import { cancel, down, reported, request, tick, up } from '../../make/event.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeIncident, makeRestart, makeState } from '../../make/state.ts';
import { type Story, tell, times } from '../../make/story.ts';

const { before, after, drain, configuration, rollback } = everything;
const serviceOf = (restart: Document['restart'] = { before, drain, after, rollback, configuration }) =>
  makeService({ restart: { steps: [mainStep, mainStep], backoffSeconds: 0, ...restart } });
const ordered = (restart?: Document['restart']) =>
  tell(serviceOf(restart), makeState({ health: 'healthy' })).sees(times<Verdict>(3, 'down'));
const act = (story: Story) => currentAct(story.restart()).kind;
const begin = (story: Story, fleet: Surroundings = { restartsOn: true }) =>
  story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet });
function finish(story: Story) {
  story.reports({ kind: 'sent', handle: `h-${act(story)}`, adopted: false });
  story.wait(1).reports({ kind: 'changed', identity: 'n', detail: 'done' });
}
function carryOut(story: Story) {
  begin(story);
  if (story.restart().phase !== 'waiting_requests') return finish(story);
  const [look] = story.pending('probe');
  const counted = { kind: 'drained', restartId: story.restart().id, active: 0, intentId: look!.id, jitter: 0 } as const;
  story.wait(1).happens(counted);
}
/** Everything up to this act, which is next; not more acts than there are kinds. */
function upTo(kind: ActKind, story = ordered()) {
  for (let acts = 0; acts < 9 && act(story) !== kind; acts += 1) carryOut(story);
  expect(act(story)).toBe(kind);
  return story;
}
/** It was carried out, was seen down to the end, and its way back is next. */
function recovering(kind: 'restore' | 'rollback' = 'restore') {
  const story = upTo('after');
  carryOut(story);
  story.wait(129).happens(down(story.now()));
  story.wait(1).happens(tick());
  return upTo(kind, story);
}
const dependencies = [{ service: 'ledger-db', essential: true, isDown: true }];
type Change = (story: Story) => Surroundings;
const fine: Surroundings = { restartsOn: true };
const around: [string, Change][] = [
  ['automatic restarts are off for the fleet', () => ({ restartsOn: false })],
  ['it is paused by jane', (story) => (story.happens({ kind: 'paused', by: 'jane' }), fine)],
  ['it depends on ledger-db, which is down', () => ({ ...fine, dependencies })],
  ['storm: 12 of 20', () => ({ ...fine, storm: 'storm: 12 of 20' })],
];
const guards: [string, Change][] = [
  ...around,
  ['it answers again', (story) => (story.wait(1).happens(up(story.now())), fine)],
];

describe('before the step itself, after hook and drain', () => {
  it.each(guards)('a guard is asked again: %s', (reason, change) => {
    const story = upTo('restart');
    begin(story, change(story));
    expect(story.restart()).toMatchObject({ phase: 'recovering', held: reason });
    expect(act(story)).toBe('after');
    expect(story.orders()).toBe(1);
    carryOut(story);
    expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: `held: ${reason}` });
    expect(story.state()).toMatchObject({
      restartTimes: [],
      totalRestarts: 0,
      incident: { held: reason, restarts: 0 },
    });
    expect(story.orders()).toBe(0);
    expect(story.recorded().slice(-4)).toEqual(
      expect.arrayContaining(['restart_recovering', 'restart_act_done', 'restart_held']),
    );
  });

  it.each(guards)('is held at once where there is nothing to undo: %s', (reason, change) => {
    for (const restart of [
      { drain, after },
      { before, drain },
    ]) {
      const story = upTo('restart', ordered(restart));
      begin(story, change(story));
      expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: `held: ${reason}` });
    }
  });

  it('also of one whose owner has switched restarts off', () => {
    const story = upTo('restart');
    const off = serviceOf({ mode: 'off' });
    const report = { kind: 'begun', before: '', leaseUntil: story.now() + 20_000, fleet: fine } as const;
    const { state } = advance(off, story.state(), reported(story.restart().id, report), story.now());
    expect(state.restart).toMatchObject({ held: 'automatic restarts were switched off' });
  });

  it('what it would touch may refuse it: a deployment by others, scaled to zero, agents that are away', () => {
    for (const trigger of ['automatic', 'manual']) {
      const story = trigger === 'automatic' ? ordered() : tell(serviceOf(), makeState({ health: 'healthy' }));
      if (trigger === 'manual') story.happens(request());
      upTo('restart', story).reports({ kind: 'refused', reason: 'being deployed' });
      expect(story.restart()).toMatchObject({ phase: 'recovering', held: 'being deployed' });
      carryOut(story);
      expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: 'held: being deployed' });
    }
  });

  it('the guards hold nothing that a person asked for, and no act that harms nothing', () => {
    const asked = tell(serviceOf(), makeState({ health: 'healthy' }));
    asked.happens(request());
    const { phase } = (begin(upTo('restart', asked), { restartsOn: false }), asked.restart());
    expect(phase).toBe('restarting');
    for (const kind of ['validate', 'backup', 'after'] as const) {
      const story = upTo(kind);
      begin(story, { restartsOn: false });
      expect([story.restart().begunAt, story.restart().held]).toEqual([story.now(), undefined]);
    }
  });

  it.each(guards)('one that was begun, and that nobody has sent, is asked about again: %s', (reason, change) => {
    const story = upTo('restart');
    begin(story);
    begin(story.wait(100));
    story.reports({ kind: 'unsent', fleet: change(story) });
    expect(story.restart()).toMatchObject({ phase: 'recovering', held: reason });
    carryOut(story);
    expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: `held: ${reason}` });
    expect(story.state()).toMatchObject({ restartTimes: [], incident: { held: reason, restarts: 0 } });
  });

  it('one that was begun is sent where it is still wanted, and nobody asks what was sent', () => {
    const story = upTo('restart');
    begin(story);
    const begun = story.state();
    expect(story.reports({ kind: 'unsent', fleet: fine }).state).toBe(begun);
    story.reports({ kind: 'sent', handle: 'h', adopted: true });
    const sent = story.state();
    expect(story.reports({ kind: 'unsent', fleet: { restartsOn: false } }).state).toBe(sent);
  });

  it('the first act is held like an order, and a hook that harms nothing is not asked about', () => {
    const first = ordered();
    begin(first);
    first.reports({ kind: 'unsent', fleet: { restartsOn: false } });
    expect(first.restart()).toMatchObject({
      phase: 'cancelled',
      outcome: 'held: automatic restarts are off for the fleet',
    });
    const backup = upTo('backup');
    begin(backup);
    const before = backup.state();
    expect(backup.reports({ kind: 'unsent', fleet: { restartsOn: false } }).state).toBe(before);
  });

  it('one that may have been sent already is carried on', () => {
    const story = upTo('restart');
    begin(story);
    story.wait(21);
    begin(story, { restartsOn: false });
    expect([story.restart().phase, story.restart().held]).toEqual(['restarting', undefined]);
    const { restart } = story.state();
    expect(story.reports({ kind: 'refused', reason: 'late' }).state.restart).toBe(restart);
  });

  it('the same reports a second time change nothing', () => {
    const story = upTo('restart');
    const { id } = story.restart();
    const again = reported(
      id,
      { kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet: { restartsOn: false } },
      0,
      orderId(story.restart()),
    );
    story.happens(again);
    const held = story.state();
    expect(story.happens(again)).toEqual({ state: held, intents: [] });
    expect(orderId(story.restart())).toBe(`${id}-r0`);
  });

  it('what undoes it has its own time, can be handed over again, and is not cancelled', () => {
    const story = upTo('restart');
    begin(story, { restartsOn: false });
    expect(story.happens(cancel).refusal?.code).toBe('RESTART_002');
    begin(story);
    expect(story.restart()).toMatchObject({ phase: 'recovering', begunAt: story.now() });
    story.wait(90).happens(tick());
    expect(story.orders()).toBe(1);
  });

  it('what undoes it may fail, and then people are told, for what was done before still stands', () => {
    const story = upTo('restart');
    begin(story, { restartsOn: false });
    begin(story);
    story.reports({ kind: 'failed', reason: 'exit 1' });
    const reason = 'held: automatic restarts are off for the fleet; the hook after it failed: exit 1';
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: reason });
    expect(story.state()).toMatchObject({ restartTimes: [], incident: { restarts: 0 } });
    expect(story.told().at(-1)).toBe('error restart_failed');
  });

  it('a service that was well is not called unhealthy for a hook that failed', () => {
    const story = tell(serviceOf(), makeState({ health: 'healthy' }));
    story.happens(request());
    upTo('restart', story).reports({ kind: 'refused', reason: 'being deployed' });
    begin(story);
    story.reports({ kind: 'failed', reason: 'exit 1' });
    expect(story.state()).toMatchObject({ health: 'degraded', restart: { phase: 'failed' } });
  });
});

describe('before the way back', () => {
  it.each(around)('a guard is asked again: %s', (reason, change) => {
    for (const kind of ['restore', 'rollback'] as const) {
      const story = recovering(kind);
      begin(story, change(story));
      const outcome = `the service did not become healthy in time; it was not taken back: ${reason}`;
      expect(story.restart(), kind).toMatchObject({ phase: 'failed', outcome });
      expect(story.orders()).toBe(0);
      expect(story.state().restartTimes).toHaveLength(1);
    }
  });

  it('one that may have been sent is carried on, and one that a person asked for', () => {
    const story = recovering();
    begin(story);
    story.wait(21);
    begin(story, { restartsOn: false });
    expect(story.restart().phase).toBe('recovering');
    const restart = makeRestart({
      phase: 'recovering',
      trigger: 'manual',
      acts: [{ kind: 'rollback', step: rollback as never }],
    });
    const asked = tell(serviceOf(), makeState({ health: 'unhealthy', incident: makeIncident(), restart }));
    begin(asked, { restartsOn: false });
    expect(asked.restart().begunAt).toBe(asked.now());
  });
});

describe('before the next step of the ladder', () => {
  it.each(around)('a guard is asked when it is ordered, and again before it is sent: %s', (reason, change) => {
    const failed = () => {
      const story = ordered({});
      story.reports({ kind: 'failed', reason: 'exit 1' });
      return story;
    };
    const late = failed().sees(['down']);
    expect(late.restart()).toMatchObject({ phase: 'preparing', stepIndex: 1 });
    begin(late, change(late));
    expect(late.restart()).toMatchObject({ phase: 'cancelled', outcome: `held: ${reason}` });
    const early = failed();
    const { id } = early.restart();
    early.sees(['down'], { fleet: change(early) });
    expect([early.restart().id, early.state().incident?.held]).toEqual([id, reason]);
  });
});

describe('whether a refusal still holds it', () => {
  it.each([
    [{ phase: 'preparing' }, true],
    [{ phase: 'restarting', begunAt: 1 }, false],
    [{ phase: 'restarting' }, true],
    [{ phase: 'restarting', acts: [{ kind: 'after' }] }, false],
  ] as const)('of %j: %s', (change, expected) => expect(isBeforeStep(makeRestart(change as never))).toBe(expected));
});
