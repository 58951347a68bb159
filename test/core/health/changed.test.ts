// What changes goes with a record, so that the event bus hears of each change of health, and nothing is written for it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Change } from '../../../lambdas/core/model/conditions.ts';
import type { Intent } from '../../../lambdas/core/model/intents.ts';
import { down, request, tick } from '../../make/event.ts';
import { live, moves, services } from '../../make/history.ts';
import { ecsStep, makeService } from '../../make/service.ts';
import { makeState } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const service = makeService({ restart: { steps: [ecsStep], warmUpSeconds: 0 } });
const changesOf = (intents: readonly Intent[]): Change[] =>
  intents.flatMap((intent) => (intent.kind === 'record' && intent.change ? [intent.change] : []));
/** Kind of the record, and how health and restart changed. */
const linesOf = (intents: readonly Intent[]) =>
  intents.flatMap((intent) => {
    if (intent.kind !== 'record' || !intent.change) return [];
    const { from, to, restart } = intent.change;
    return [`${intent.record.kind}: ${from} > ${to}${restart ? `, ${restart.status}` : ''}`];
  });

describe('what changed in a step', () => {
  it('goes with the record that tells of it, from the outage to the end of it', () => {
    const story = tell(service);
    story.sees(times(service.policy.failureThreshold, 'down'));
    story.restarts();
    story.sees(times(service.policy.successThreshold, 'up'));
    const { intents } = story.state();
    expect(linesOf(intents)).toEqual([
      'unhealthy: pending > unhealthy, preparing',
      'restart_begun: unhealthy > unhealthy, restarting',
      'instance_changed: unhealthy > unhealthy, verifying',
      'recovered: unhealthy > healthy, completed',
    ]);
    const [incidentId] = story.alerts().map((alert) => alert.incidentId);
    expect(changesOf(intents).map((change) => change.incidentId)).toEqual(times(4, incidentId));
    expect(changesOf(intents)[0]?.restart).toEqual({
      id: story.restart().id,
      status: 'preparing',
      mode: 'restart',
      trigger: 'automatic',
    });
  });

  it('is handed over as it is stored', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.sees(times(2, 'down')).wait(60);
    const { intents, state } = story.happens(down(story.now()));
    expect(linesOf(intents)).toEqual(['unhealthy: healthy > unhealthy, preparing']);
    expect(linesOf(state.intents)).toEqual(linesOf(intents));
  });

  it('is nothing where a line is written and all stays as it was', () => {
    const story = tell(makeService());
    const { intents } = story.happens({ kind: 'paused', by: 'ann' });
    expect(intents).toMatchObject([{ kind: 'record', record: { kind: 'paused' } }]);
    expect(changesOf(intents)).toEqual([]);
  });

  it('goes with the end of a restart where no line says how the service is', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.happens(request());
    story.restarts();
    story.wait(service.restart.verifyTimeoutSeconds - 10).sees(['down']);
    story.wait(60).happens(tick());
    expect(linesOf(story.state().intents).at(-1)).toBe('restart_failed: healthy > unhealthy, failed');
  });

  it('says nothing of a restart that is long over', () => {
    const story = tell(service);
    story.sees(times(service.policy.failureThreshold, 'down'));
    story.restarts();
    story.sees(times(service.policy.successThreshold, 'up'));
    story.wait(7_200).sees(times(10, 'slow'));
    const last = changesOf(story.state().intents).at(-1);
    expect(last).toMatchObject({ from: 'healthy', to: 'degraded' });
    expect(last).not.toHaveProperty('restart');
  });

  it('is never a change of health without a line that tells of it, whatever happens', () => {
    fc.assert(
      fc.property(services, moves, (any, history) => {
        for (const { before, step } of live(any, history)) {
          const isNew = (intent: Intent) => !before.intents.some(({ id }) => id === intent.id);
          const changes = changesOf(step.intents.filter(isNew));
          expect(changes.length).toBeLessThanOrEqual(1);
          expect(changesOf(step.state.intents.filter(isNew))).toEqual(changes);
          if (step.state.health === before.health) continue;
          expect(changes).toMatchObject([{ from: before.health, to: step.state.health }]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
