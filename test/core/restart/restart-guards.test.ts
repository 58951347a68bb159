// Whether a service may be restarted now, asked in the order of rule 3.
import { describe, expect, it } from 'vitest';

import type { State } from '../../../lambdas/core/model/state.ts';
import { judgeRestart, nextRung } from '../../../lambdas/core/restart/restart-guards.ts';
import { ecsStep, makeService, ssmStep } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';

const service = makeService({ restart: { steps: [ecsStep], maxRestarts: 2, windowSeconds: 600 } });
const failing = (change: Partial<State> = {}) =>
  makeState({ health: 'unhealthy', incident: makeIncident(), ...change });
const on = { restartsOn: true };
const used = [T0 - 599_000, T0 - 1_000];

describe('an automatic restart', () => {
  it('goes when nothing speaks against it', () => {
    expect(judgeRestart({ service, now: T0 }, failing(), on)).toEqual({
      kind: 'go',
      rung: { step: service.restart.steps[0], stepIndex: 0 },
    });
  });

  it('is off when the service says so, before anything else is asked', () => {
    const off = makeService({ restart: { mode: 'off', steps: [ecsStep] } });
    expect(judgeRestart({ service: off, now: T0 }, failing(), { restartsOn: false })).toEqual({
      kind: 'off',
      reason: 'automatic restarts are off for this service',
    });
  });

  it('is off when it is wanted but no step is registered', () => {
    const empty = { ...service, restart: { ...service.restart, steps: [] } };
    expect(judgeRestart({ service: empty, now: T0 }, failing(), on)).toEqual({
      kind: 'off',
      reason: 'no restart steps are registered',
    });
  });

  it('is held while the fleet switch is off, used budget or not', () => {
    expect(judgeRestart({ service, now: T0 }, failing({ restartTimes: used }), { restartsOn: false })).toEqual({
      kind: 'held',
      reason: 'automatic restarts are off for the fleet',
    });
  });

  it('keeps its hands off after a person has cancelled, and tells nobody', () => {
    const state = failing({ incident: makeIncident({ handsOff: 'cancelled' }), restartTimes: used });
    expect(judgeRestart({ service, now: T0 }, state, on)).toEqual({
      kind: 'hands_off',
      reason: 'a person cancelled the restart',
      isNews: false,
    });
  });

  it('keeps its hands off when the budget is used up, which is news once', () => {
    const reason = 'the limit of 2 restarts in 600 s is used up';
    expect(judgeRestart({ service, now: T0 }, failing({ restartTimes: used }), on)).toEqual({
      kind: 'hands_off',
      reason,
      isNews: true,
    });
    const told = failing({ incident: makeIncident({ handsOff: 'limit' }) });
    expect(judgeRestart({ service, now: T0 }, told, on)).toEqual({ kind: 'hands_off', reason, isNews: false });
  });

  it('counts a restart for exactly as long as the window', () => {
    expect(judgeRestart({ service, now: T0 + 1_000 }, failing({ restartTimes: used }), on).kind).toBe('go');
    expect(judgeRestart({ service, now: T0 + 999 }, failing({ restartTimes: used }), on).kind).toBe('hands_off');
  });

  it('is only spoken of in observe mode, and asks for no backoff', () => {
    const watched = makeService({ restart: { mode: 'observe', steps: [ecsStep] } });
    expect(judgeRestart({ service: watched, now: T0 }, failing({ backoffUntil: T0 + 1 }), on).kind).toBe('observe');
  });

  it('waits until the very end of the backoff', () => {
    expect(judgeRestart({ service, now: T0 }, failing({ backoffUntil: T0 + 1 }), on)).toEqual({
      kind: 'held',
      reason: 'waiting before the next restart',
    });
    expect(judgeRestart({ service, now: T0 }, failing({ backoffUntil: T0 }), on).kind).toBe('go');
  });
});

describe('the ladder', () => {
  const ladder = makeService({ restart: { steps: [ecsStep, ssmStep] } });

  it.each([
    [undefined, 0],
    [0, 0],
    [1, 1],
    [7, 1],
  ])('after %s restarts of the incident is at step %i', (restarts, stepIndex) => {
    const incident = restarts === undefined ? undefined : makeIncident({ restarts });
    expect(nextRung(ladder, makeState({ incident }))).toEqual({ step: ladder.restart.steps[stepIndex], stepIndex });
  });

  it('has no rung when no step is registered', () => {
    expect(nextRung(makeService({ restart: {} }), makeState())).toBeUndefined();
  });
});
