// What a service can work without is down: one warning for each incident of it. And what it cannot work without: held.
import { describe, expect, it } from 'vitest';

import type { Surroundings } from '../../../lambdas/core/model/fleet.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { cascadeView, relationsView } from '../../../lambdas/core/views/relations-view.ts';
import { makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const dependsOn = [
  { service: 'ledger-db', essential: true },
  { service: 'mail', essential: false },
];
const service = makeService({ dependsOn });
const mailDown = (since = T0, incidentId = 'inc-mail') =>
  ({ kind: 'dependency_down', service: 'mail', incidentId, since }) as const;

describe('a dependency that it can work without', () => {
  it('is told of once for each of its incidents, in its words and under its incident', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.happens(mailDown());
    expect(story.alerts()).toEqual([
      {
        ...{ kind: 'dependency_down', level: 'warning', failureType: 'health_check_failed' },
        ...{ incidentId: 'inc-mail', deduplicationKey: 'inc-mail:dependency_down:billing-api' },
        message: 'It depends on mail, which is down. It can work without, so it is not restarted.',
        ...{ at: T0, detectedAt: T0, restarts: 0 },
      },
    ]);
    expect(story.records()).toMatchObject([
      { kind: 'dependency_down', level: 'warning', incidentId: 'inc-mail', detectedAt: T0, action: 'alert' },
    ]);
    const known = story.state();
    expect(known.owed).toEqual({ warning: 1 });
    story.happens(mailDown());
    story.happens(mailDown(T0 - 1, 'inc-before'));
    expect(story.state()).toBe(known);
    story.happens(mailDown(T0 + 1, 'inc-after'));
    expect(story.told()).toHaveLength(2);
    expect(story.state().owed).toEqual({ warning: 2 });
    expect(story.state().warnedOf).toEqual([{ service: 'mail', since: T0 + 1 }]);
  });

  it('changes neither health nor anything else of it, and orders nothing', () => {
    const before = makeState({ health: 'healthy', ups: 1 });
    const story = tell(service, before);
    story.happens(mailDown());
    const { warnedOf: _warned, intents: _intents, sequence: _sequence, ...rest } = story.state();
    expect(rest).toMatchObject({ health: 'healthy', ups: 1 });
    expect(story.orders()).toBe(0);
    expect(story.state().incident).toBeUndefined();
  });

  it.each<[string, Partial<State>, Parameters<typeof makeService>[0], State['heldBack']]>([
    ['when it is paused', { paused: { by: 'ada', at: T0 } }, {}, { paused: 1 }],
    ['when its alerts are off', {}, { alerts: { enabled: false } }, { off: 1 }],
    ['when only errors are wanted', {}, { alerts: { minLevel: 'error' } }, { level: 1 }],
  ])('is recorded, counted and not told %s', (_, state, change, counted) => {
    const story = tell(makeService({ dependsOn, ...change }), makeState(state));
    story.happens(mailDown());
    expect(story.told()).toEqual([]);
    expect(story.records()).toMatchObject([{ kind: 'dependency_down', action: 'none' }]);
    expect(story.state().heldBack).toEqual(counted);
    expect(story.state().owed).toBeUndefined();
  });

  it('that it does not name, or names as essential, is no matter of this', () => {
    const before = makeState();
    const story = tell(service, before);
    story.happens({ ...mailDown(), service: 'ledger-db' });
    story.happens({ ...mailDown(), service: 'other' });
    expect(story.state()).toBe(before);
  });

  it('forgets those that it does not name any more', () => {
    const story = tell(service, makeState({ warnedOf: [{ service: 'gone', since: T0 }] }));
    story.happens(mailDown());
    expect(story.state().warnedOf).toEqual([{ service: 'mail', since: T0 }]);
  });
});

describe('a dependency that it cannot work without', () => {
  const around = (isDown: boolean, essential = true): { fleet: Surroundings } => ({
    fleet: { restartsOn: true, dependencies: [{ service: essential ? 'ledger-db' : 'mail', essential, isDown }] },
  });
  const downs = ['down', 'down', 'down'] as const;

  it('holds its restart and its alert while it is down; both come once it is well', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.sees(downs, around(true));
    expect(story.state().health).toBe('unhealthy');
    expect(story.state().incident).toMatchObject({ held: 'it depends on ledger-db, which is down', untold: true });
    expect([story.orders(), story.told()]).toEqual([0, []]);
    story.sees(downs, around(true));
    expect([story.orders(), story.told()]).toEqual([0, []]);
    story.sees(['down'], around(false));
    expect(story.orders()).toBe(1);
    expect(story.told()).toEqual(['warning unhealthy']);
  });

  it('leaves a child that comes back with it untold and unrestarted', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.sees(downs, around(true));
    story.sees(['up', 'up']);
    expect(story.state().health).toBe('healthy');
    expect([story.orders(), story.told(), story.state().totalRestarts]).toEqual([0, [], 0]);
  });

  it('holds an order that has not been begun, too', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.sees(downs, around(false));
    expect(story.orders()).toBe(1);
    story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 1, ...around(true) });
    expect(story.restart()).toMatchObject({
      phase: 'cancelled',
      outcome: 'held: it depends on ledger-db, which is down',
    });
  });

  it('is not one that it can work without', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.sees(downs, around(true, false));
    expect(story.orders()).toBe(1);
    expect(story.told()).toEqual(['warning unhealthy']);
  });
});

describe('what people are shown of it', () => {
  it('are the healths of those around it; what is not registered is unknown', () => {
    const mail = { service: makeService({ id: 'mail' }), state: makeState({ health: 'unhealthy' }) };
    const web = makeService({ id: 'web', dependsOn: [{ service: 'billing-api', essential: false }] });
    const shop = makeService({ id: 'shop', dependsOn: [{ service: 'billing-api', essential: true }] });
    const state = makeState({ health: 'healthy' });
    const view = relationsView(
      service,
      [undefined, mail],
      [
        { service: web, state },
        { service: shop, state },
      ],
    );
    expect(view).toEqual({
      dependencies: [
        { service: 'ledger-db', essential: true, health: 'unknown' },
        { service: 'mail', essential: false, health: 'unhealthy' },
      ],
      dependents: [
        { service: 'web', essential: false, health: 'healthy' },
        { service: 'shop', essential: true, health: 'healthy' },
      ],
    });
  });

  it('is the plan of a cascade while it is under way, its levels counted from one', () => {
    const cascade = { restartId: 'rst-1', by: 'ada', reason: 'why', force: false, level: 1, nextAt: T0 };
    const shown = { restartId: 'rst-1', user: 'ada' };
    expect(cascadeView({ cascade: undefined })).toBeNull();
    expect(cascadeView({ cascade })).toEqual({ ...shown, levels: null, level: null });
    const levels = [['shop'], ['mobile']];
    expect(cascadeView({ cascade: { ...cascade, levels } })).toEqual({ ...shown, levels, level: 2 });
  });
});
