// The ordered restart of what depends on a service: what its state carries, and what each finding does to it.
import { describe, expect, it } from 'vitest';

import { isCascadeDue, sightAfter, sightOf } from '../../../lambdas/core/dependencies/cascade.ts';
import type { Cascaded, Sight } from '../../../lambdas/core/model/events.ts';
import type { Cascade, State } from '../../../lambdas/core/model/state.ts';
import { cancel, request, tick, up } from '../../make/event.ts';
import { makeService } from '../../make/service.ts';
import { makeRestart, makeState, T0 } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const service = makeService({
  restart: { steps: [{ kind: 'ecs', cluster: 'prod', service: 'db' }], warmUpSeconds: 0 },
});
const well = makeState({ health: 'healthy' });

/** A person has asked for it all, and the restart itself has been verified. */
function verified() {
  const story = tell(service, well);
  story.happens(request({ cascade: true, force: true }));
  story.restarts();
  story.sees(['up', 'up']);
  const { id: restartId } = story.restart();
  const found = (what: Cascaded['found']) => story.happens({ kind: 'cascaded', restartId, found: what });
  const sights = (outcome: Sight['outcome'], ...ids: string[]) =>
    found({
      kind: 'looked',
      level: story.state().cascade?.level ?? 0,
      sights: ids.map((id) => ({ service: id, outcome, reason: 'the reason' })),
    });
  const said = () => story.records().at(-1);
  return { story, found, sights, said };
}
const planned = () => {
  const all = verified();
  all.found({ kind: 'planned', levels: [['left', 'right'], ['top']] });
  return all;
};

describe('a restart with all that depends on it', () => {
  it('goes on to the dependents once it is verified, and not before', () => {
    const story = tell(service, well);
    story.happens(request({ cascade: true }));
    story.restarts();
    story.sees(['up']);
    expect(story.state().cascade).toBeUndefined();
    story.sees(['up']);
    expect(story.restart().phase).toBe('completed');
    expect(story.state().cascade).toEqual({
      ...{ restartId: story.restart().id, by: 'ada', reason: 'it hangs', force: false },
      ...{ level: 0, nextAt: story.now() },
    });
    expect(story.pending('cascade')).toHaveLength(1);
  });

  it('without being asked for is none', () => {
    const story = tell(service, well);
    story.happens(request());
    story.restarts();
    story.sees(['up', 'up']);
    expect(story.restart().phase).toBe('completed');
    expect(story.state().cascade).toBeUndefined();
    expect(story.recorded()).not.toContain('cascade_stopped');
  });

  it.each([
    ['fails', (story: ReturnType<typeof tell>) => story.reports({ kind: 'failed', reason: 'no capacity' })],
    ['is cancelled', (story: ReturnType<typeof tell>) => story.happens(cancel)],
    ['is held', (story: ReturnType<typeof tell>) => story.reports({ kind: 'refused', reason: 'being deployed' })],
  ])('leaves the dependents alone, and says so, when it %s', (_, end) => {
    const story = tell(service, well);
    story.happens(request({ cascade: true }));
    end(story);
    expect(story.state().cascade).toBeUndefined();
    expect(story.records().find(({ kind }) => kind === 'cascade_stopped')).toMatchObject({
      level: 'error',
      restartId: story.restart().id,
      message: 'what depends on it is not restarted: this restart was not verified',
    });
  });

  it('says in which order, and goes level by level to its end', () => {
    const { story, sights, said } = planned();
    expect(said()).toMatchObject({
      kind: 'cascade_begun',
      message: 'what depends on it is restarted: left and right, then top',
    });
    story.wait(1);
    sights('under_way', 'left', 'right');
    expect(story.state().cascade).toMatchObject({ level: 0, nextAt: story.now() + 10_000 });
    story.wait(10);
    sights('done', 'left', 'right');
    expect(story.state().cascade).toMatchObject({ level: 1, nextAt: story.now() });
    sights('done', 'top');
    expect(said()).toMatchObject({ kind: 'cascade_completed', actionResult: 'success' });
    expect(story.state().cascade).toBeUndefined();
    expect(story.pending('cascade')).toEqual([]);
  });

  it('does not begin the next level while one of this is under way', () => {
    const { story, found } = planned();
    found({
      kind: 'looked',
      level: 0,
      sights: [
        { service: 'left', outcome: 'done' },
        { service: 'right', outcome: 'under_way' },
      ],
    });
    expect(story.state().cascade).toMatchObject({ level: 0 });
  });

  it('is over at once where nothing depends on it', () => {
    const { story, found, said } = verified();
    found({ kind: 'planned', levels: [] });
    expect(story.recorded()).toContain('cascade_begun');
    expect(said()).toMatchObject({ kind: 'cascade_completed', message: 'there was nothing more to restart' });
    expect(story.state().cascade).toBeUndefined();
  });

  it('passes over whom it cannot restart, and says so', () => {
    const { story, sights } = planned();
    sights('passed_over', 'left', 'right');
    expect(story.records().filter(({ kind }) => kind === 'cascade_passed_over')).toMatchObject([
      { message: 'left is passed over: the reason', level: 'warning' },
      { message: 'right is passed over: the reason' },
    ]);
    expect(story.state().cascade).toMatchObject({ level: 1 });
  });

  it.each<[string, Sight['outcome'], string]>([
    ['the others', 'done', 'what depends on it was restarted, and verified; passed over: left, right'],
    ['anybody', 'passed_over', 'nothing that depends on it was restarted; passed over: left, right, top'],
  ])('does not say at its end that it has restarted them, whether it did so with %s or not', (_, outcome, message) => {
    const { story, sights, said } = planned();
    sights('passed_over', 'left', 'right');
    story.wait(1);
    sights(outcome, 'top');
    expect(said()).toMatchObject({ kind: 'cascade_completed', message });
  });

  it('stops when one fails, and says who is not restarted because of it', () => {
    const { story, sights, said } = planned();
    sights('failed', 'left');
    expect(said()).toMatchObject({
      kind: 'cascade_stopped',
      level: 'error',
      message: 'the restart of what depends on it is stopped: left failed: the reason; not restarted: top',
    });
    expect(story.state().cascade).toBeUndefined();
    expect(story.pending('cascade')).toEqual([]);
  });

  it('stops without a plan when there are too many', () => {
    const { story, found, said } = verified();
    found({ kind: 'refused', reason: 'more than 100 services depend on it' });
    expect(said()).toMatchObject({
      message: 'the restart of what depends on it is stopped: more than 100 services depend on it',
    });
    expect(story.state().cascade).toBeUndefined();
  });

  it('stops when the service itself goes down again', () => {
    const { story, sights, said } = planned();
    story.sees(['down', 'down', 'down']);
    sights('under_way', 'left');
    expect(said()?.message).toContain('it is not well itself any more');
    expect(story.state().cascade).toBeUndefined();
  });

  it('is stopped by a person: those whose turn has not come are not restarted', () => {
    const { story, said } = planned();
    expect(story.happens(cancel).refusal).toBeUndefined();
    expect(said()?.message).toBe('the restart of what depends on it is stopped: cancelled by ada; not restarted: top');
  });

  it('keeps a second restart of the service away', () => {
    const { story } = planned();
    expect(story.happens(request({ force: true })).refusal).toMatchObject({ code: 'RESTART_001' });
  });

  it('takes no notice of what comes late, doubled, or of another restart', () => {
    const { story, found, sights } = planned();
    const before = story.state();
    found({ kind: 'planned', levels: [['other']] });
    expect(story.state()).toBe(before);
    story.happens({ kind: 'cascaded', restartId: 'rst-other', found: { kind: 'refused', reason: 'no' } });
    expect(story.state()).toBe(before);
    found({ kind: 'looked', level: 1, sights: [] });
    expect(story.state()).toBe(before);
    sights('under_way', 'left');
    const waiting = story.state();
    sights('done', 'left'); // a double that looked at the same moment: the first has said when to look again
    expect(story.state()).toBe(waiting);
  });

  it('is handed over again when nobody has looked after it for a minute', () => {
    const { story, sights } = planned();
    sights('under_way', 'left');
    const handed = () => story.happens(tick()).intents.filter(({ kind }) => kind === 'cascade');
    expect(story.wait(50) && handed()).toEqual([]);
    expect(story.wait(10) && handed()).toHaveLength(1);
  });

  it('changes nothing for verdicts', () => {
    const { story } = planned();
    const { cascade } = story.state();
    story.wait(60).happens(up(story.now()));
    expect(story.state().cascade).toBe(cascade);
  });
});

describe('the order of a cascade', () => {
  const order = request({ cascadeOf: 'rst-db' });

  it('is taken once, also when the restart is long over', () => {
    const story = tell(service, well);
    story.happens(order);
    expect(story.restart()).toMatchObject({ cascadeOf: 'rst-db', trigger: 'manual' });
    story.restarts();
    story.sees(['up', 'up']);
    const before = story.state();
    expect(story.happens(order)).toEqual({ state: before, intents: [] });
    expect(story.happens(request()).refusal).toBeUndefined();
  });

  it('is remembered for the last twenty cascades', () => {
    const cascadedBy = Array.from({ length: 20 }, (_, index) => `rst-${index}`);
    const story = tell(service, makeState({ cascadedBy }));
    story.happens(order);
    expect(story.state().cascadedBy).toEqual([...cascadedBy.slice(1), 'rst-db']);
  });
});

describe('how far a dependent has come', () => {
  const cascade: Cascade = { restartId: 'rst-db', by: 'ada', reason: 'why', force: false, level: 0, nextAt: T0 };
  const sight = (change: Partial<State>, of = service) =>
    sightOf(cascade, 'shop', { service: of, state: makeState(change) }, T0 + 1);
  const ordered = { cascadedBy: ['rst-db'] };
  const over = (phase: 'completed' | 'failed' | 'cancelled', cascadeOf?: string) =>
    makeRestart({ phase, cascadeOf, outcome: `it ${phase}` });

  it.each<[string, Sight, Partial<Sight>]>([
    ['waits for its order', sight({ health: 'unhealthy' }), { outcome: 'waiting' }],
    ['is under way, by whomever', sight({ restart: makeRestart() }), { outcome: 'under_way' }],
    ['is done', sight({ ...ordered, restart: over('completed', 'rst-db') }), { outcome: 'done' }],
    [
      'has failed',
      sight({ ...ordered, restart: over('failed', 'rst-db') }),
      { outcome: 'failed', reason: 'it failed' },
    ],
    [
      'was held, which is a failure too',
      sight({ ...ordered, restart: over('cancelled', 'rst-db') }),
      { outcome: 'failed', reason: 'it cancelled' },
    ],
    [
      'was restarted again by others and is well',
      sight({ ...ordered, health: 'healthy', restart: over('failed') }),
      { outcome: 'done' },
    ],
    [
      'was restarted again by others and is not well',
      sight({ ...ordered, health: 'unhealthy', restart: over('completed') }),
      { outcome: 'failed', reason: 'it is unhealthy' },
    ],
    [
      'is passed over while it is paused',
      sight({ paused: { by: 'ada', at: T0 } }),
      { outcome: 'passed_over', reason: 'it is paused' },
    ],
    [
      'is passed over without restart steps',
      sight({}, makeService({ restart: {} })),
      { outcome: 'passed_over', reason: 'it has no restart steps' },
    ],
    [
      'is passed over when it is gone',
      sightOf(cascade, 'shop', undefined, T0),
      { outcome: 'passed_over', reason: 'it is not registered any more' },
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual({ service: 'shop', ...expected });
  });

  it('is told by the refusal of its order: one that is busy is waited for, all else is a failure', () => {
    const waiting: Sight = { service: 'shop', outcome: 'waiting' };
    expect(sightAfter(waiting, undefined)).toEqual({ service: 'shop', outcome: 'under_way' });
    expect(sightAfter(waiting, { code: 'RESTART_001', message: 'busy' })).toMatchObject({ outcome: 'under_way' });
    expect(sightAfter(waiting, { code: 'RESTART_LIMIT', message: 'used up' })).toEqual({
      ...{ service: 'shop', outcome: 'failed', reason: 'used up' },
    });
  });

  it('is looked at when it is due', () => {
    expect(isCascadeDue(cascade, T0 - 1)).toBe(false);
    expect(isCascadeDue(cascade, T0)).toBe(true);
  });
});
