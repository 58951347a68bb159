// A service that goes up and down is told of once, and people learn what became of everything they were told.
import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import { probed, tick } from '../../make/event.ts';
import { makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { type Story, tell, times } from '../../make/story.ts';

const once = { failureThreshold: 1, successThreshold: 1 } as const;
const service = makeService({ policy: once, restart: { steps: [] } });
const healing = makeService({ policy: { ...once, profile: 'critical' }, probe: { kind: 'heartbeat' } });
const slow = (story: Story, count: number) => story.sees(times(count, ['slow', 'up'] as Verdict[]).flat());
const failing = (story: Story, count: number) => story.sees(times(count, ['down', 'up'] as Verdict[]).flat());
const healthy = makeState({ health: 'healthy' });
/** Warnings only: what is slow is never restarted. */
const slowly = makeService({ policy: { ...once, window: { failures: 1, of: 1 } } });

describe('a service with four incidents in an hour', () => {
  it('is told of as flapping, once, instead of the fourth and all that follow', () => {
    const story = slow(tell(slowly, healthy), 6);
    const single = ['warning degraded', 'info recovered'];
    expect(story.told()).toEqual([...single, ...single, ...single, 'warning flapping']);
    expect(story.alerts().at(-1)).toMatchObject({
      message: 'It has failed 4 times in 6 min. Its ups and downs are not reported until it is steady.',
      detectedAt: T0 + 60_000,
      seen: 'too_slow',
    });
    expect(story.state().heldBack).toEqual({ flapping: 6 });
    expect(story.state().owed).toEqual({ warning: 4, info: 3 });
    expect(story.records().filter(({ kind }) => kind === 'flapping')).toMatchObject([{ action: 'alert' }]);
  });

  it('is steady once there was no new one for an hour, which is told and written once', () => {
    const story = slow(tell(slowly, healthy), 5);
    const { id } = story.state().flapping!;
    story.wait(3_600 - 120).happens(tick());
    expect(story.state().flapping?.id).toBe(id);
    story.wait(61).happens(tick());
    const steady = story.alerts().filter(({ kind }) => kind === 'steady');
    expect(steady).toHaveLength(1);
    expect(steady[0]).toMatchObject({
      ...{ kind: 'steady', level: 'info', incidentId: id, deduplicationKey: `${id}:steady`, resolvedAt: story.now() },
      message: 'No new incident for 60 min.',
    });
    expect(steady[0]?.cause).toBeUndefined();
    const after = story.state();
    expect(story.wait(30).happens(tick()).state).toBe(after);
    expect([after.flapping, after.openings]).toEqual([undefined, undefined]);
  });

  it('is told of as ever when they are further apart', () => {
    const story = tell(slowly, healthy);
    for (const _ of times(6, 0)) slow(story.wait(1_200), 1);
    expect(story.told()).not.toContain('warning flapping');
    expect(story.state().openings).toHaveLength(3);
  });
});

describe('while it flaps', () => {
  it('what is an error is told, and so is its end', () => {
    const story = failing(slow(tell(service, healthy), 4), 1);
    expect(story.told().slice(-3)).toEqual(['warning flapping', 'error unhealthy', 'info recovered']);
  });

  it('who was told of an incident before it flapped is told that it is over', () => {
    const known = makeState({
      ...{ health: 'degraded', openings: [T0], flapping: { id: 'flap-1', since: T0 } },
      incident: makeIncident({ alerted: ['degraded'] }),
    });
    expect(tell(slowly, known).sees(['up']).told()).toEqual(['info recovered']);
  });

  it('a failing restart and a used-up budget are told', () => {
    const story = slow(tell(healing, healthy), 4);
    story.sees(['down']).reports({ kind: 'failed', reason: 'rolled back' });
    expect(story.told().slice(-2)).toEqual(['warning flapping', 'error restart_failed']);
    const used = tell(healing, { ...story.state(), restartTimes: times(10, story.now()), backoffUntil: 0 });
    used.wait(60 + story.now() / 1000 - T0 / 1000).sees(['down']);
    expect(used.told()).toEqual(['critical restart_limit_exceeded']);
  });
});

describe('an error of what flaps', () => {
  it('is told instead of the outage where nothing is restarted, and its ups and downs are held back', () => {
    const story = failing(tell(service, healthy), 6);
    const single = ['error unhealthy', 'info recovered'];
    expect(story.told()).toEqual([...single, ...single, ...single, 'error flapping']);
    expect(story.records().find(({ kind }) => kind === 'flapping')).toMatchObject({ level: 'error' });
    expect(story.state().heldBack).toEqual({ flapping: 6 });
  });

  it('is told where people want to hear of errors alone', () => {
    const loud = makeService({ policy: once, restart: { steps: [] }, alerts: { minLevel: 'error' } });
    expect(failing(tell(loud, healthy), 6).told().slice(-2)).toEqual(['info recovered', 'error flapping']);
  });

  it('is told once, and the same again is held back until flapping is over', () => {
    const story = slow(tell(healing, healthy), 4);
    const fails = () => {
      story.wait(1_200).sees(['down']).reports({ kind: 'failed', reason: 'rolled back' });
      story.sees(['up']);
    };
    for (const _ of times(3, 0)) fails();
    expect(story.told().slice(6)).toEqual(['warning flapping', 'error restart_failed', 'warning recovered']);
    expect(story.state().flapping?.toldErrors).toEqual(['restart_failed']);
    story.wait(3_600).happens(tick());
    fails();
    expect(story.told().slice(-3)).toEqual(['warning unhealthy', 'error restart_failed', 'warning recovered']);
  });
});

describe('an incident that is longer than what flaps can be down', () => {
  it('is told after a quarter of an hour, when four in an hour are flapping', () => {
    const story = failing(tell(service, healthy), 4);
    story.sees(times<Verdict>(15, 'down'));
    expect(story.told().at(-1)).toBe('error flapping');
    story.sees(['down']);
    expect(story.told().at(-1)).toBe('error unhealthy');
    expect(story.sees(['down', 'up']).told().slice(-2)).toEqual(['error unhealthy', 'info recovered']);
  });

  it('is told likewise when it is degraded', () => {
    const story = slow(tell(slowly, healthy), 4).sees(times<Verdict>(15, 'slow'));
    expect(story.told().at(-1)).toBe('warning flapping');
    expect(story.sees(['slow', 'slow']).told().slice(-2)).toEqual(['warning flapping', 'warning degraded']);
  });

  it('is told with a restart that fails then', () => {
    const known = { id: 'flap-1', since: T0, toldErrors: ['restart_failed'] };
    const incident = makeIncident({ alerted: [], heldBy: 'flapping' });
    const story = tell(healing, makeState({ health: 'unhealthy', openings: [T0], flapping: known, incident }));
    story.sees(['down']).wait(900).reports({ kind: 'failed', reason: 'rolled back' });
    expect(story.told()).toEqual(['error restart_failed']);
  });
});

describe('an up and down of which something more is held back', () => {
  it('is told all the same when it lasts, though a restart failed in a pause', () => {
    const flapping = { id: 'flap-1', since: T0 };
    const incident = makeIncident({ alerted: [], heldBy: 'flapping' });
    const story = tell(healing, makeState({ health: 'unhealthy', openings: [T0], flapping, incident }));
    story.sees(['down']).happens({ kind: 'paused', by: 'ada', reason: 'a look', until: undefined });
    story.reports({ kind: 'failed', reason: 'rolled back' });
    expect(story.state().heldBack).toEqual({ paused: 1 });
    story.happens({ kind: 'resumed', by: 'ada' });
    expect(story.told()).toEqual([]);
    expect(story.wait(900).sees(['down']).told()).toEqual(['warning unhealthy']);
  });
});

describe('what counts as one more', () => {
  it('is what would be told for itself: not what is part of a storm, or happens in a pause', () => {
    const storm = { fleet: { restartsOn: true, storm: 'storm: all fail' } };
    const story = tell(service, healthy);
    for (const _ of times(5, 0)) story.sees(['down'], storm).sees(['up']);
    story.happens({ kind: 'paused', by: 'ada' });
    slow(story, 5);
    expect([story.told(), story.state().openings]).toEqual([[], undefined]);
  });

  it('is an incident, not each of its alerts', () => {
    const story = tell(service, healthy).sees(['slow', 'down']);
    expect(story.told()).toEqual(['warning degraded', 'error unhealthy']);
    expect(story.state().openings).toHaveLength(1);
  });

  it('is nothing where people do not want to hear of it, or want to hear of all', () => {
    const quiet = makeService({ policy: once, alerts: { minLevel: 'error' } });
    const all = makeService({ policy: once, alerts: { flapping: { incidents: 0 } } });
    expect(slow(tell(quiet, healthy), 5).state().openings).toBeUndefined();
    expect(slow(tell(all, healthy), 5).told()).toHaveLength(10);
  });
});

describe('an incident that is open when flapping is over', () => {
  const flaps = { openings: [T0], flapping: { id: 'flap-1', since: T0 } };
  const open = makeIncident({ alerted: [], heldBy: 'flapping', message: 'too_slow' });

  it('is told after a pause in which it came to last, or flapping to its end, when it is degraded', () => {
    for (const later of ['lasts', 'is steady'] as const) {
      const story = tell(slowly, makeState({ ...flaps, health: 'degraded', incident: open }));
      story.happens({ kind: 'paused', by: 'ada', reason: 'a look', until: undefined });
      if (later === 'lasts') story.wait(900).sees(['slow']);
      else story.wait(3_600).happens(tick());
      expect(story.told()).not.toContain('warning degraded');
      story.happens({ kind: 'resumed', by: 'ada' });
      expect(story.sees(['slow']).told().at(-1)).toBe('warning degraded');
      expect(
        story
          .sees(['slow', 'slow'])
          .told()
          .filter((told) => told === 'warning degraded'),
      ).toHaveLength(1);
    }
  });

  it('is told by one look once, however often that is delivered', () => {
    const flapping = { id: 'flap-1', since: T0 };
    const capped = { slows: 1, answers: 1, lastBeat: T0 };
    const story = tell(slowly, makeState({ ...flaps, ...capped, flapping, health: 'degraded', incident: open }));
    story.wait(900);
    const look = probed('slow', story.now());
    story.happens(look);
    const { state } = story.happens(look);
    expect(state.lastBeat).toBe(look.beat);
    expect(story.told()).toEqual(['warning degraded']);
  });

  it('is told after all when it is degraded', () => {
    const story = tell(slowly, makeState({ ...flaps, health: 'degraded', incident: open }));
    story.wait(3_600).happens(tick());
    expect(story.told()).toEqual(['info steady', 'warning degraded']);
    expect(story.alerts()[0]?.message).toBe('No new incident for 60 min; the last one is still open.');
  });

  it('is told at the next look that finds it down', () => {
    const story = tell(service, makeState({ ...flaps, health: 'unhealthy', incident: open }));
    story.wait(3_600).happens(tick());
    expect(story.told()).toEqual(['info steady']);
    expect(story.sees(['down']).told()).toEqual(['info steady', 'error unhealthy']);
  });

  it('is not told again when people know of it', () => {
    const known = { ...open, alerted: ['degraded' as const], heldBy: undefined };
    const story = tell(slowly, makeState({ ...flaps, health: 'degraded', incident: known }));
    story.wait(3_600).happens(tick());
    expect(story.told()).toEqual(['info steady']);
  });

  it('is over at once where flapping is told no more, and nobody hears where alerts are off', () => {
    const off = makeService({ policy: once, alerts: { flapping: { incidents: 0 } } });
    const story = tell(off, makeState({ flapping: flaps.flapping }));
    story.happens(tick());
    expect(story.alerts()).toMatchObject([{ kind: 'steady', message: 'Alerts are sent as usual again.' }]);
    const silent = tell(makeService({ alerts: { enabled: false } }), makeState(flaps));
    silent.wait(3_600).happens(tick());
    expect([silent.told(), silent.recorded(), silent.state().flapping]).toEqual([[], ['steady'], undefined]);
  });
});
