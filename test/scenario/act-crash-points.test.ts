// A restart with everything around it: hooks, the safety of the configuration, and a way back. Invocations are killed at
// every side effect, once per run; whatever dies, every act is sent once and in its place.
import { describe, expect, it } from 'vitest';

import type { RestartStep } from '../../lambdas/core/model/restart-spec.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { ecsStep, ssmStep } from '../fakes/registrations.ts';
import { diedInTheWindow } from './endings.ts';
import type { Death } from './invocation.ts';
import { type Ending, play, SHARDS } from './world.ts';

const hook = (name: string) => ({ ...ssmStep, parameters: { restartScript: `/opt/${name}.sh` } });
const policy = {
  before: hook('before'),
  configuration: { validate: hook('validate'), backup: hook('backup'), restore: hook('restore') },
  after: hook('after'),
  rollback: { ...ecsStep, action: 'rollback' },
  verifyTimeoutSeconds: 30,
};
/** What an order was for: the name of a hook, or the action of ECS. */
const purpose = (step: RestartStep) =>
  step.kind === 'ecs' ? step.action : step.parameters['restartScript']?.replace(/.*\/|\.sh$/g, '');

type Tale = Readonly<{
  mayHeal: (step: RestartStep) => boolean;
  failingRestarts?: number;
  sent: readonly string[];
  records: readonly string[];
  alerts: readonly string[];
  phase: string;
}>;
const begun = ['restart_ordered', 'restart_begun', 'evidence'];
const prepared = ['restart_sent', 'restart_act_done', 'restart_sent', 'restart_act_done'];
const backUp = ['restart_sent', 'restart_act_done'];
const forth = [...begun, ...prepared, ...backUp, 'restart_sent'];
const back = ['restart_recovering', 'restart_sent', 'restart_act_done', 'restart_sent', 'restart_act_done'];
const there = ['before', 'validate', 'backup', 'redeploy'];

const tales: Readonly<Record<string, Tale>> = {
  'heals the service': {
    mayHeal: ({ kind }) => kind === 'ecs',
    sent: [...there, 'after'],
    records: [...forth, 'instance_changed', 'restart_sent', 'restart_act_done', 'restart_completed'],
    alerts: ['unhealthy', 'recovered'],
    phase: 'completed',
  },
  'fails and is taken back': {
    mayHeal: ({ kind }) => kind === 'ecs',
    failingRestarts: 1,
    sent: [...there, 'restore', 'rollback'],
    records: [...forth, ...back, 'restart_failed'],
    alerts: ['unhealthy', 'restart_failed', 'recovered'],
    phase: 'failed',
  },
  'is carried out, heals nothing, and is taken back': {
    mayHeal: (step) => purpose(step) === 'rollback',
    sent: [...there, 'after', 'restore', 'rollback'],
    records: [...forth, 'instance_changed', ...['restart_sent', 'restart_act_done'], ...back, 'restart_failed'],
    alerts: ['unhealthy', 'restart_failed', 'recovered'],
    phase: 'failed',
  },
};

const asSent = (kind: string) => (kind === 'restart_adopted' ? 'restart_sent' : kind);

function expectEnding(end: Ending, { sent, records, alerts, phase }: Tale): void {
  expect(end.orders.map(({ step }) => purpose(step))).toEqual(sent);
  expect(new Set(end.orders.map(({ restartId }) => restartId)).size).toBe(sent.length);
  expect(end.timeline.map(({ kind }) => asSent(kind))).toEqual(['healthy', 'unhealthy', ...records, 'recovered']);
  expect(end.state).toMatchObject({ health: 'healthy', intents: [], totalRestarts: 1, restart: { phase } });
  expect(end.state.incident).toBeUndefined();
  expect(end.state.restartTimes).toHaveLength(1);
  expect(end.history).toHaveLength(1);
  expect(new Set(end.published.map(({ kind }) => kind))).toEqual(new Set(alerts));
  expect(end.published.length).toBeLessThanOrEqual(alerts.length + (diedInTheWindow(end) ? 1 : 0));
}

describe('a restart with hooks, backup and rollback', () => {
  const deaths = Object.keys(tales).flatMap((name) => [[name, 'before'] as const, [name, 'after'] as const]);
  it.each(deaths)('that %s ends the same with an invocation killed %s any side effect', async (name, when) => {
    const tale = tales[name]!;
    const run = (death?: Death) =>
      play({ ...tale, policy, stores: fakeStores(SHARDS), steps: [ecsStep], ...(death && { death }) });
    const whole = await run();
    expectEnding(whole, tale);
    for (const [at, effect] of whole.effects.entries()) {
      const end = await run({ at, when });
      try {
        expect(end.lastWords, 'the invocation was killed').toBeDefined();
        expectEnding(end, tale);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : 'fault';
        throw new Error(`killed ${when} effect ${at}, ${effect}: ${why}`, { cause });
      }
    }
  });

  it.each(Object.keys(tales))('that %s sends nothing twice when every message comes again and late', async (name) => {
    const tale = tales[name]!;
    expectEnding(await play({ ...tale, policy, stores: fakeStores(SHARDS), steps: [ecsStep], isDoubled: true }), tale);
  });
});
