// What people are told: the table of alert levels, once per incident and kind, and only what the settings want.
import { describe, expect, it } from 'vitest';

import type { AlertKind } from '../../../lambdas/core/model/intents.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import { alertLevels, type Service } from '../../../lambdas/core/model/service.ts';
import { ecsStep, makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';
import { type Story, tell, times } from '../../make/story.ts';

const healed = makeService();
const unhealed = makeService({ restart: {} });
const healthy = makeState({ health: 'healthy' });
const down = times<Verdict>(3, 'down');
const fleetOff = { fleet: { restartsOn: false } };

describe('what people are told', () => {
  it.each<[string, Service, (story: Story) => unknown, string, string, string]>([
    [
      'it is slow',
      healed,
      (story) => story.sees(times<Verdict>(3, 'slow')),
      'warning degraded',
      'health_check_failed',
      'too_slow',
    ],
    [
      'it is unhealthy and a restart has begun',
      healed,
      (story) => story.sees(down),
      'warning unhealthy',
      'health_check_failed',
      'timeout. A restart is ordered.',
    ],
    [
      'it is unhealthy and restarts are off',
      unhealed,
      (story) => story.sees(down),
      'error unhealthy',
      'health_check_failed',
      'timeout. It is not restarted: automatic restarts are off for this service.',
    ],
    [
      'it is unhealthy and only observed',
      makeService({ restart: { mode: 'observe' } }),
      (story) => story.sees(down),
      'error unhealthy',
      'health_check_failed',
      'timeout. It is not restarted: observe mode: it would have been restarted now.',
    ],
    [
      'it is unhealthy and restarts are off for the fleet',
      healed,
      (story) => story.sees(down, fleetOff),
      'error unhealthy',
      'health_check_failed',
      'timeout. It is not restarted: automatic restarts are off for the fleet.',
    ],
    [
      'it is unhealthy and the next restart will come in a moment',
      healed,
      (story) => {
        story.happens({ kind: 'requested', by: 'ada', reason: 'x', force: false });
        story.restarts().sees(['up', 'up', 'down', 'down']);
        story.happens({ kind: 'requested', by: 'ada', reason: 'x', force: false });
        story.restarts().wait(10).sees(['up', 'up']);
        story.sees(down);
      },
      'warning unhealthy',
      'health_check_failed',
      'timeout. It is not restarted: waiting before the next restart.',
    ],
    [
      'its restart failed',
      healed,
      (story) => story.sees(down).reports({ kind: 'failed', reason: 'rolled back' }),
      'error restart_failed',
      'restart_failed',
      'restart by ECS redeploy of prod/billing failed: rolled back',
    ],
    [
      'its restart was verified',
      healed,
      (story) => story.sees(down).restarts().sees(['up', 'up']),
      'warning recovered',
      'auto_restart',
      'Healthy again after 2 min',
    ],
    [
      'it recovered by itself',
      unhealed,
      (story) => story.sees([...down, 'up', 'up']),
      'info recovered',
      'health_check_failed',
      'Healthy again after 2 min',
    ],
  ])('when %s', (_, service, happens, told, failureType, message) => {
    const slowly = { ...service, restart: { ...service.restart, backoffSeconds: 3_600, maxBackoffSeconds: 86_400 } };
    const story = tell(slowly, healthy);
    happens(story);
    expect(story.told().at(-1)).toBe(told);
    expect(story.alerts().at(-1)).toMatchObject({ failureType, message });
  });

  it('of a service whose budget was used up before it failed is the critical alert alone', () => {
    const used = makeService({ restart: { steps: [ecsStep], maxRestarts: 1 } });
    const story = tell(used, healthy);
    story.happens({ kind: 'requested', by: 'ada', reason: 'x', force: false });
    story.restarts().sees(['up', 'up', ...down]);
    expect(story.told()).toEqual(['critical restart_limit_exceeded']);
  });

  it.each([
    ['a storm', { restartsOn: true, storm: 'storm: 6 of 10 services of the fleet failed together' }],
    [
      'a dependency that is down',
      { restartsOn: true, dependencies: [{ service: 'db', essential: true, isDown: true }] },
    ],
  ])('of what was kept back as part of %s is the critical alert alone, and then nothing is kept back', (_, fleet) => {
    const used = makeService({ restart: { steps: [ecsStep], maxRestarts: 1 } });
    const story = tell(used, makeState({ health: 'healthy', restartTimes: [T0] })).sees(down, { fleet });
    expect([story.told(), story.state().incident?.untold]).toEqual([[], true]);
    story.sees(['down']);
    expect(story.told()).toEqual(['critical restart_limit_exceeded']);
    expect(story.state().incident).toMatchObject({ handsOff: 'limit' });
    expect(story.state().incident?.untold).toBeUndefined();
    story.sees(down, { fleet }).sees(['down']);
    expect(story.told()).toEqual(['critical restart_limit_exceeded']);
    expect(story.state().incident?.untold).toBeUndefined();
  });

  it('names the incident, since when, how many restarts, and when it was over', () => {
    const story = tell(healed, healthy).sees(down);
    const { id, openedAt } = story.state().incident!;
    story.restarts().sees(['up', 'up']);
    expect(story.alerts()).toEqual([
      expect.objectContaining({
        incidentId: id,
        deduplicationKey: `${id}:unhealthy`,
        detectedAt: openedAt,
        restarts: 1,
      }),
      expect.objectContaining({ deduplicationKey: `${id}:recovered`, resolvedAt: story.now(), restarts: 1 }),
    ]);
    expect(story.alerts()[0]?.resolvedAt).toBeUndefined();
  });

  it('comes once per incident and kind', () => {
    const often = makeService({ restart: { steps: [ecsStep], backoffSeconds: 0 } });
    const story = tell(often, healthy).sees(down);
    story.reports({ kind: 'failed', reason: 'a' });
    story.sees(['down']).reports({ kind: 'failed', reason: 'b' });
    expect(story.told()).toEqual(['warning unhealthy', 'error restart_failed']);
    expect(story.recorded().filter((kind) => kind === 'restart_failed')).toHaveLength(2);
  });

  it('comes again in the next incident', () => {
    const story = tell(unhealed, healthy).sees([...down, 'up', 'up', ...down]);
    expect(story.told()).toEqual(['error unhealthy', 'info recovered', 'error unhealthy']);
    expect(new Set(story.alerts().map(({ incidentId }) => incidentId)).size).toBe(2);
  });
});

describe('what the settings want', () => {
  it.each(alertLevels.map((minLevel, index) => [minLevel, alertLevels.slice(index)] as const))(
    'from %s on are the levels %j',
    (minLevel, wanted) => {
      const service = makeService({ restart: {}, alerts: { minLevel } });
      const slow = tell(service, healthy).sees(times<Verdict>(3, 'slow'));
      const failing = tell(service, healthy).sees(down);
      const limited = tell(
        makeService({ alerts: { minLevel } }),
        makeState({ health: 'healthy', restartTimes: times(3, failing.now()) }),
      ).sees(down);
      expect(slow.told()).toEqual(wanted.includes('warning') ? ['warning degraded'] : []);
      expect(failing.told()).toEqual(wanted.includes('error') ? ['error unhealthy'] : []);
      expect(limited.told()).toEqual(['critical restart_limit_exceeded']);
    },
  );

  it('lets the closing notice through to whoever was told, whatever its level', () => {
    const service = makeService({ restart: {}, alerts: { minLevel: 'error' } });
    expect(
      tell(service, healthy)
        .sees([...down, 'up', 'up'])
        .told(),
    ).toEqual(['error unhealthy', 'info recovered']);
  });

  it('sends no closing notice when nobody was told', () => {
    const service = makeService({ restart: {}, alerts: { minLevel: 'critical' } });
    const story = tell(service, healthy).sees([...down, 'up', 'up']);
    expect(story.told()).toEqual([]);
    expect(story.recorded()).toEqual(['unhealthy', 'recovered']);
  });

  it('is silence when alerts are off, while the timeline goes on', () => {
    const service = makeService({ alerts: { enabled: false } });
    const alerted: AlertKind[] = ['unhealthy'];
    const story = tell(service, makeState({ health: 'unhealthy', incident: makeIncident({ alerted }) }));
    story.sees(['down']).reports({ kind: 'failed', reason: 'x' });
    story.sees(['up', 'up']);
    expect(story.told()).toEqual([]);
    expect(story.recorded()).toEqual(['restart_ordered', 'restart_failed', 'recovered']);
  });
});

describe('the line that closes an incident', () => {
  it('does not call a restart a success that failed before it came back', () => {
    const story = tell(healed, healthy);
    story.sees(down).reports({ kind: 'failed', reason: 'no capacity' });
    story.sees(['up', 'up']);
    expect(story.records().at(-1)).toMatchObject({ kind: 'recovered', action: 'restart', actionResult: 'failed' });
  });
});
