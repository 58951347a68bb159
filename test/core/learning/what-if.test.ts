// Recorded verdicts lived through again: the same reducer, other settings.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { advance } from '../../../lambdas/core/health/advance.ts';
import { whatIf } from '../../../lambdas/core/learning/what-if.ts';
import { type Verdict, verdicts } from '../../../lambdas/core/model/observation.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { probed } from '../../make/event.ts';
import { recorded } from '../../make/recorded.ts';
import { type Document, ecsStep, makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';

const MINUTE = 60_000;
const at = (beat: number) => T0 + beat * MINUTE;
/** Restarted at the third down in a row, unless the policy says otherwise. */
const serviceOf = (policy: Document['policy'] = {}, change: Partial<Document> = {}) =>
  makeService({ policy: { window: { failures: 20, of: 40 }, ...policy }, ...change });
const seen = (text: string, service = serviceOf(), restarts: { from: number; to: number }[] = []) =>
  whatIf(service, recorded(text), restarts);
const nobodyTold = { degraded: 0, unhealthy: 0, recovered: 0, flapping: 0 };

describe('what would have happened', () => {
  it('is nothing where nothing was recorded, or all was well', () => {
    const none = { incidents: [], restarts: 0, needless: 0, alerts: nobodyTold };
    expect(whatIf(serviceOf(), [], [])).toEqual({ verdicts: 0, ...none });
    expect(seen('up 500')).toEqual({ verdicts: 500, ...none });
  });

  it('is an incident with its times, its restart and what people are told', () => {
    expect(seen('up 5, down 10, up 5')).toEqual({
      verdicts: 20,
      incidents: [
        {
          ...{ openedAt: at(7), closedAt: at(16), health: 'unhealthy', wouldRestartAt: at(7) },
          ...{ isNeedless: false, wasRestarted: false },
        },
      ],
      restarts: 1,
      needless: 0,
      alerts: { degraded: 0, unhealthy: 1, recovered: 1, flapping: 0 },
    });
  });

  // Runs of 1, 2, 3 and 5 downs: a restart is needless where the run ends with the beat that would have caused it.
  it.each<[number, number, number]>([
    [1, 4, 1],
    [2, 3, 1],
    [3, 2, 1],
    [4, 1, 0],
    [5, 1, 1],
    [6, 0, 0],
  ])('with a threshold of %i comes to %i restarts, %i of them needless', (failureThreshold, restarts, needless) => {
    const text = 'up 20, down 1, up 20, down 2, up 20, down 3, up 20, down 5, up 20';
    expect(seen(text, serviceOf({ failureThreshold }))).toMatchObject({ restarts, needless });
  });

  it('counts downs that are not in a row where a window is asked for', () => {
    const flapping = 'up 10, down 1, up 1, down 1, up 1, down 1, up 1, down 1, up 10';
    expect(seen(flapping).incidents).toHaveLength(0);
    expect(seen(flapping, serviceOf({ window: { failures: 4, of: 8 } })).restarts).toBe(1);
  });

  it('closes later where more good verdicts are asked for', () => {
    const [incident] = seen('up 5, down 10, up 10', serviceOf({ successThreshold: 5 })).incidents;
    expect(incident).toMatchObject({ openedAt: at(7), closedAt: at(19) });
  });

  it('takes `unknown` for nothing, as the reducer does', () => {
    expect(seen('up 5, down 2, unknown 50, up 5').incidents).toEqual([]);
    expect(seen('up 5, down 2, unknown 50, down 1, up 5').restarts).toBe(1);
  });

  it('tells a needless restart by when the service was back, not by when that was verified', () => {
    const outlook = seen('up 5, down 3, up 9', serviceOf({ successThreshold: 9 }));
    expect(outlook).toMatchObject({ needless: 1, incidents: [{ closedAt: at(16), isNeedless: true }] });
    expect(seen('up 5, down 4, up 9').needless).toBe(0);
  });

  it('forgets an answer that was followed by another failure', () => {
    expect(seen('up 5, down 3, up 1, down 5, up 9')).toMatchObject({ restarts: 1, needless: 0 });
  });

  it('calls nothing needless that a restart has ended in truth', () => {
    const restarts = [{ from: at(7), to: at(9) }];
    expect(seen('up 5, down 3, up 9', serviceOf(), restarts)).toMatchObject({
      ...{ restarts: 1, needless: 0 },
      incidents: [{ isNeedless: false, wasRestarted: true }],
    });
    expect(seen('up 5, down 3, up 9', serviceOf(), [{ from: at(10), to: at(12) }]).needless).toBe(1);
  });

  it('leaves an incident open that was not over at the end', () => {
    const outlook = seen('up 5, down 10');
    expect(outlook.incidents).toEqual([
      expect.objectContaining({ openedAt: at(7), closedAt: undefined, isNeedless: false, wasRestarted: false }),
    ]);
    expect(seen('up 5, down 10', serviceOf(), [{ from: at(14), to: at(99) }]).incidents[0]?.wasRestarted).toBe(true);
    expect(outlook.alerts).toMatchObject({ unhealthy: 1, recovered: 0 });
  });

  it('tells what is only degraded from an outage, and begins anew where one ends in the other', () => {
    const outlook = seen('up 5, slow 3, up 5, slow 3, down 3, slow 9, up 5');
    expect(outlook.incidents.map(({ health, wouldRestartAt }) => [health, wouldRestartAt !== undefined])).toEqual([
      ['degraded', false],
      ['unhealthy', true],
      ['degraded', false],
    ]);
    expect(outlook.alerts).toEqual({ degraded: 3, unhealthy: 1, recovered: 3, flapping: 0 });
  });

  it.each<[string, Document['restart'], number]>([
    ['is on', { mode: 'on', steps: [ecsStep] }, 1],
    ['only observes', { mode: 'observe', steps: [ecsStep] }, 1],
    ['only observes and has no steps yet', { mode: 'observe' }, 1],
    ['is off', { mode: 'off', steps: [ecsStep] }, 0],
    ['is on but has nothing to restart with', { mode: 'on' }, 0],
    ['has a step for what was seen', { steps: [{ ...ecsStep, when: { causes: ['timeout'] } }] }, 1],
    ['has steps for something else only', { steps: [{ ...ecsStep, when: { causes: ['refused'] } }] }, 0],
  ])('has as many restarts as there would be where it %s', (_, restart, restarts) => {
    expect(seen('up 5, down 5, up 5', serviceOf({}, { restart }))).toMatchObject({ restarts, incidents: [{}] });
  });

  it('tells people only what the settings want', () => {
    expect(seen('up 5, down 5, up 5', serviceOf({}, { alerts: { enabled: false } })).alerts).toEqual(nobodyTold);
    expect(seen('up 5, slow 5, up 5', serviceOf({}, { alerts: { minLevel: 'error' } })).alerts.degraded).toBe(0);
  });
});

describe('a service that flapped once', () => {
  // Four outages within an hour are told as flapping, the fourth with it.
  const flapped = 'up 5, down 3, up 5, down 3, up 5, down 3, up 5, down 3';

  it('is told of as flapping, instead of every up and down', () => {
    const { incidents, alerts } = seen(`${flapped}, up 5, down 3, up 5`);
    expect(incidents).toHaveLength(5);
    expect(alerts).toEqual({ degraded: 0, unhealthy: 3, recovered: 3, flapping: 1 });
  });

  it('is told of as usual once it has been steady, however much later', () => {
    const later = seen(`${flapped}, up 600, down 3, up 600, down 3, up 5`);
    expect(later.incidents).toHaveLength(6);
    expect(later.alerts).toEqual({ degraded: 0, unhealthy: 5, recovered: 5, flapping: 1 });
  });
});

describe('a replay', () => {
  const history = fc
    .array(fc.tuple(fc.constantFrom<Verdict>(...verdicts), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      maxLength: 40,
    })
    .map((runs) => runs.map(([verdict, count]) => `${verdict} ${count}`).join(','));
  const policy = fc.record({
    failureThreshold: fc.integer({ min: 1, max: 5 }),
    successThreshold: fc.integer({ min: 1, max: 4 }),
  });

  it('is what observe mode has counted, whatever was seen', () => {
    fc.assert(
      fc.property(history, policy, (text, change) => {
        const service = serviceOf(change, { restart: { mode: 'observe', steps: [ecsStep] } });
        let state: State = makeState();
        for (const { verdict, beat } of recorded(text))
          state = advance(service, state, probed(verdict, beat), beat).state;
        const { restarts, needless, incidents } = whatIf(service, recorded(text), []);
        expect({ would: restarts, alone: needless }).toEqual(state.observed);
        expect(incidents.at(-1)?.closedAt === undefined && incidents.length > 0).toBe(state.incident !== undefined);
      }),
    );
  });

  it('has no more restarts with a higher threshold than with a lower one, and incidents that do not overlap', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 9 }), (text, failureThreshold) => {
        const lower = seen(text, serviceOf({ failureThreshold, window: { failures: 64, of: 64 } }));
        const higher = seen(
          text,
          serviceOf({ failureThreshold: failureThreshold + 1, window: { failures: 64, of: 64 } }),
        );
        expect(higher.restarts).toBeLessThanOrEqual(lower.restarts);
        lower.incidents.forEach(({ openedAt, closedAt = Infinity }, index) => {
          expect(closedAt).toBeGreaterThan(openedAt);
          expect(lower.incidents[index + 1]?.openedAt ?? Infinity).toBeGreaterThanOrEqual(closedAt);
        });
      }),
    );
  });

  it('gives the same for the same, and changes nothing that it was given', () => {
    fc.assert(
      fc.property(history, (text) => {
        const past = Object.freeze(recorded(text).map((one) => Object.freeze(one)));
        const service = Object.freeze(serviceOf());
        expect(whatIf(service, past, [])).toEqual(whatIf(service, past, []));
      }),
    );
  });
});
