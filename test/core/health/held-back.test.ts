// What nobody is told is counted, by why not; and whatever is held back, nothing that matters is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sumHeldBack } from '../../../lambdas/core/health/held-back.ts';
import type { Surroundings } from '../../../lambdas/core/model/fleet.ts';
import type { Intent } from '../../../lambdas/core/model/intents.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import { isPaused, type State } from '../../../lambdas/core/model/state.ts';
import { live, type Moment, moves, services } from '../../make/history.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const healthy = makeState({ health: 'healthy' });
const plain = { policy: { failureThreshold: 1, successThreshold: 1 }, restart: {} } as const;
const heldBy = (change: Partial<Document>, fleet: Surroundings = { restartsOn: true }, start: State = healthy) =>
  tell(makeService({ ...plain, ...change }), start)
    .sees(['down'], { fleet })
    .sees(['up'])
    .state().heldBack;

describe('alerts that nobody gets', () => {
  it.each([
    ['off', { alerts: { enabled: false } }, {}, {}],
    ['level', { alerts: { minLevel: 'critical' } }, {}, {}],
    ['paused', {}, {}, { paused: { by: 'ada', at: T0 } }],
    ['storm', {}, { storm: 'storm: all fail' }, {}],
    ['folded', {}, { dependencies: [{ service: 'db', essential: true, isDown: true }] }, {}],
  ] as const)('are counted as %s, with the end that nobody has to be told', (reason, change, around, start) => {
    const fleet = { restartsOn: true, ...around };
    expect(heldBy(change, fleet, { ...healthy, ...start })).toEqual({ [reason]: 2 });
  });

  it('are counted as off, not as part of something larger, where nobody would be told anyway', () => {
    expect(heldBy({ alerts: { enabled: false } }, { restartsOn: true, storm: 'storm' })).toEqual({ off: 2 });
  });

  it('are counted once while an outage goes on, and not at all where people are told', () => {
    const fleet = { restartsOn: true, storm: 'storm: all fail' };
    const story = tell(makeService(plain), healthy).sees(times<Verdict>(20, 'down'), { fleet });
    expect(story.state().heldBack).toEqual({ storm: 1 });
    expect(heldBy({})).toBeUndefined();
  });

  it('are counted as repeated when the incident had one of that kind', () => {
    const failing = makeService({ policy: plain.policy });
    const story = tell(failing, healthy).sees(['down']);
    story.reports({ kind: 'failed', reason: 'rolled back' });
    story.wait(3_600).sees(['down']).reports({ kind: 'failed', reason: 'rolled back' });
    expect(story.state().heldBack).toEqual({ repeated: 1 });
  });

  it('of an incident from before they were counted are below the level', () => {
    const story = tell(makeService(plain), makeState({ health: 'unhealthy', incident: makeIncident({ alerted: [] }) }));
    expect(story.sees(['up']).state().heldBack).toEqual({ level: 1 });
  });

  it('are summed over services, with a place for every reason', () => {
    const none = { off: 0, level: 0, repeated: 0, paused: 0, folded: 0, storm: 0, flapping: 0, acknowledged: 0 };
    expect(sumHeldBack([{ off: 2, storm: 1 }, undefined, { off: 3 }])).toEqual({ ...none, off: 5, storm: 1 });
  });
});

describe('whatever happens', () => {
  const always = (holds: (moment: Moment, enabled: boolean) => void) =>
    fc.assert(
      fc.property(services, moves, (service, history) =>
        live(service, history).forEach((moment) => holds(moment, service.alerts.enabled)),
      ),
      { numRuns: 250 },
    );
  const newAlerts = ({ before, step }: Moment) =>
    step.state.intents.flatMap((intent) =>
      intent.kind === 'alert' && !before.intents.some(({ id }) => id === intent.id) ? [intent.alert] : [],
    );

  it('who was told of an incident is told that it is over', () => {
    always((moment, enabled) => {
      const { incident } = moment.before;
      if (!enabled || !incident?.alerted.length || moment.step.state.incident?.id === incident.id) return;
      expect(newAlerts(moment)).toContainEqual(
        expect.objectContaining({ kind: 'recovered', deduplicationKey: `${incident.id}:recovered` }),
      );
    });
  });

  it('who was told that it flaps is told that it does not', () => {
    always((moment, enabled) => {
      const { flapping } = moment.before;
      if (!enabled || !flapping || moment.step.state.flapping) return;
      expect(newAlerts(moment)).toContainEqual(
        expect.objectContaining({ kind: 'steady', deduplicationKey: `${flapping.id}:steady` }),
      );
    });
  });

  it('what is critical is told, once for each incident, and so is what failed where people want to know it', () => {
    always((moment, enabled) => {
      const { before, step } = moment;
      const isNew = ({ id }: Intent) => !before.intents.some((known) => known.id === id);
      const made = step.state.intents.flatMap((intent) =>
        intent.kind === 'record' && isNew(intent) ? [intent.record.kind] : [],
      );
      const isNews = made.includes('limit_exceeded') && !before.incident?.alerted.includes('restart_limit_exceeded');
      if (enabled && isNews) expect(newAlerts(moment).map(({ level }) => level)).toContain('critical');
      const { heldBack: was = {} } = before;
      const { heldBack: is = {} } = step.state;
      // People know that the restarts of what flaps fail: it was told in this very episode.
      const isKnown = before.flapping?.toldErrors?.includes('restart_failed') === true;
      if ((is.flapping ?? 0) > (was.flapping ?? 0) && !isKnown) expect(made).not.toContain('restart_failed');
    });
  });

  it('nobody is reminded of what somebody has in hand, or what is paused, nor is it told to anybody else', () => {
    always((moment) => {
      const { before, now } = moment;
      const isTaken = now < (before.incident?.acknowledged ? (before.incident.acknowledged.until ?? Infinity) : 0);
      if (!isTaken && !isPaused(before, now)) return;
      const kinds = newAlerts(moment).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'reminder' || kind === 'escalation')).toEqual([]);
    });
  });

  it('what was held back is only ever counted up, by little at a time', () => {
    always(({ before, step }) => {
      const [was, is] = [sumHeldBack([before.heldBack]), sumHeldBack([step.state.heldBack])];
      const more = Object.entries(is).map(([reason, count]) => count - was[reason]!);
      expect(Math.min(...more)).toBeGreaterThanOrEqual(0);
      expect(more.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(3);
    });
  });
});
