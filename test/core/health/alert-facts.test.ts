// What goes with alerts: how it was seen, what was tried, what a restart would have destroyed.
import { describe, expect, it } from 'vitest';

import { alertFacts, withEvidence, withTried } from '../../../lambdas/core/health/alert-facts.ts';
import { makeIncident, makeRestart, makeState, T0 } from '../../make/state.ts';

const tried = [{ what: 'restart', outcome: 'verified', at: T0 }];
const incident = makeIncident({ message: 'refused', held: 'paused', tried, evidence: 'tasks' });
const seen = (verdict: 'down' | 'up', cause: 'refused' | 'none') => makeState({ last: { beat: T0, verdict, cause } });

describe('the facts of an alert', () => {
  it('say when, how it was seen, why nothing is restarted, what was tried and what was there', () => {
    const facts = { at: T0 + 1, seen: 'refused', held: 'paused', tried, evidence: 'tasks', cause: 'refused' };
    expect(alertFacts(seen('down', 'refused'), incident, T0 + 1, false)).toEqual(facts);
  });

  it.each([
    ['an order is on its way', makeRestart({ phase: 'preparing' }), undefined],
    ['an order waits for its turn', makeRestart({ phase: 'preparing', waitsFor: 'paused' }), 'paused'],
    ['the last restart is over', makeRestart({ phase: 'failed' }), 'paused'],
  ])('say what is in the way of a restart as it is now: %s', (_, restart, held) => {
    expect(alertFacts(makeState({ restart }), incident, T0, false).held).toBe(held);
  });

  it.each([seen('up', 'none'), seen('down', 'none'), makeState()])('name no cause where there is none', (state) => {
    expect(alertFacts(state, incident, T0, false).cause).toBeUndefined();
  });

  it('of what is over are what was seen and what was tried', () => {
    expect(alertFacts(seen('down', 'refused'), incident, T0, true)).toEqual({ at: T0, seen: 'refused', tried });
  });
});

describe('an incident', () => {
  it('remembers how its last ten restarts ended', () => {
    const failed = makeRestart({ phase: 'failed', outcome: 'no answer' });
    const once = withTried(makeIncident(), failed, 'restart', T0);
    expect(once?.tried).toEqual([{ what: 'restart', outcome: 'failed: no answer', at: T0 }]);
    const done = makeRestart({ phase: 'completed', outcome: 'verified' });
    const often = Array.from({ length: 10 }).reduce<typeof once>((known) => withTried(known, done, 'x', T0), once);
    expect(often?.tried).toEqual(Array(10).fill({ what: 'x', outcome: 'verified', at: T0 }));
  });

  it('remembers of each no more than a message shows: fifty hosts have much to say', () => {
    const failed = makeRestart({ phase: 'failed', outcome: 'x'.repeat(15_000) });
    expect(withTried(makeIncident(), failed, 'restart', T0)?.tried?.[0]?.outcome).toHaveLength(200);
  });

  it('does not count what was cancelled, and there is nothing to remember without one', () => {
    expect(withTried(incident, makeRestart({ phase: 'cancelled' }), 'x', T0)).toBe(incident);
    expect(withTried(undefined, makeRestart({ phase: 'failed' }), 'x', T0)).toBeUndefined();
  });

  it('keeps a part of the evidence', () => {
    expect(withEvidence(makeIncident(), 'x'.repeat(2_000))?.evidence).toHaveLength(1_000);
    expect(withEvidence(undefined, 'x')).toBeUndefined();
  });
});
