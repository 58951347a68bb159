// An order that waits in its queue because as many restarts as may be are under way.
import { describe, expect, it } from 'vitest';

import { advance } from '../../../lambdas/core/health/advance.ts';
import { freshFleet } from '../../../lambdas/core/model/fleet.ts';
import { runningRestart, type State } from '../../../lambdas/core/model/state.ts';
import { restartView } from '../../../lambdas/core/views/restart-view.ts';
import { down, reported, tick } from '../../make/event.ts';
import { makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';

const service = makeService();
const WHY = '5 restarts are under way in the fleet';
const restartOf = (state: State) => runningRestart(state)!;
const waiting = (state: State, fleet: object = {}) =>
  reported(restartOf(state).id, { kind: 'waiting', reason: WHY, fleet: { ...freshFleet, ...fleet } });

/** Down three times in a row: unhealthy, and a restart is ordered. */
const ordered = [0, 1, 2].reduce(
  (state, n) => advance(service, state, down(T0 + n * 60_000), T0 + n * 60_000).state,
  makeState({ health: 'healthy' }),
);
const NOW = T0 + 121_000;
const waits = advance(service, ordered, waiting(ordered), NOW).state;

describe('an order without a slot', () => {
  it('waits, says why, and is tried again in a quarter of a minute', () => {
    expect(restartOf(waits)).toMatchObject({ phase: 'preparing', waitsFor: WHY, nextPollAt: NOW + 15_000 });
    expect(waits.incident?.held).toBe(WHY);
    expect(restartView(waits)).toMatchObject({ phase: 'preparing', underWay: true, waitsFor: WHY });
    expect(waits.intents.filter(({ kind }) => kind === 'restart')).toEqual([]);
  });

  it('does not wait twice because its message came twice', () => {
    expect(advance(service, waits, waiting(waits), NOW + 10).state).toBe(waits);
  });

  it('never fails because it waited long, as long as it is tried', () => {
    let state = waits;
    let now = NOW;
    for (let tries = 0; tries < 480; tries += 1) {
      now += 15_000;
      state = advance(service, state, waiting(state), now).state;
      state = advance(service, state, tick(), now).state;
    }
    expect(now - NOW).toBe(2 * 3_600_000);
    expect(restartOf(state)).toMatchObject({ phase: 'preparing', waitsFor: WHY });
  });

  it('is handed over again when the message that waits was lost', () => {
    const ordersAt = (now: number) =>
      advance(service, waits, tick(), now).intents.filter(({ kind }) => kind === 'restart');
    expect(ordersAt(NOW + 89_000)).toEqual([]);
    expect(ordersAt(NOW + 90_000)).toHaveLength(1);
  });

  it('fails, and says so, when nobody tries it any more', () => {
    const { state } = advance(service, waits, tick(), NOW + 15 * 60_000);
    expect(state.restart).toMatchObject({ phase: 'failed', outcome: 'nobody carried the order out' });
  });

  it('is held when a storm has come meanwhile', () => {
    const { state } = advance(service, waits, waiting(waits, { storm: 'storm: 12 of 20' }), NOW + 15_000);
    expect(state.restart).toMatchObject({ phase: 'cancelled', outcome: 'held: storm: 12 of 20' });
    expect(state.restartTimes).toEqual([]);
  });

  it('begins like any other once it has one', () => {
    const begun = { kind: 'begun', before: 'x', leaseUntil: NOW + 40_000, fleet: freshFleet } as const;
    const { state } = advance(service, waits, reported(restartOf(waits).id, begun), NOW + 20_000);
    expect(restartOf(state)).toMatchObject({ phase: 'restarting', begunAt: NOW + 20_000 });
    expect(restartOf(state).waitsFor).toBeUndefined();
    expect(restartOf(state).nextPollAt).toBeUndefined();
    expect(state.incident?.held).toBeUndefined();
  });

  it('is not told to wait once it has begun', () => {
    const begun = { kind: 'begun', before: 'x', leaseUntil: NOW + 40_000, fleet: freshFleet } as const;
    const { state } = advance(service, ordered, reported(restartOf(ordered).id, begun), NOW);
    expect(advance(service, state, waiting(state), NOW + 1).state).toBe(state);
  });
});
