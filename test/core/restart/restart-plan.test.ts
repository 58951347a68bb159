// What a restart does and in which order, by its registration and by how it was asked for.
import { describe, expect, it } from 'vitest';

import type { Act } from '../../../lambdas/core/model/state.ts';
import {
  codeOf,
  currentAct,
  currentStep,
  isFirstToSend,
  orderId,
  phaseOf,
  planOf,
} from '../../../lambdas/core/restart/restart-plan.ts';
import { everything, mainStep } from '../../make/acts.ts';
import { makeService, ssmStep } from '../../make/service.ts';
import { makeRestart } from '../../make/state.ts';

const kinds = (acts: readonly Act[]) => acts.map(({ kind }) => kind);
const { validate: _, ...unchecked } = everything.configuration;

describe('the plan of a restart', () => {
  it.each([
    ['all that there is', everything, {}, 'before validate backup drain restart after', 'restore rollback'],
    ['with force', everything, { force: true }, 'before validate backup restart after', 'restore rollback'],
    ['a reload', everything, { mode: 'reload' }, 'before validate backup restart after', 'restore'],
    ['a step alone', {}, {}, 'restart', ''],
    ['no validation', { configuration: unchecked }, {}, 'backup restart', 'restore'],
    ['drain alone', { drain: everything.drain }, {}, 'drain restart', ''],
    ['rollback alone', { rollback: everything.rollback }, {}, 'restart', 'rollback'],
  ] as const)('of %s', (_name, policy, asked, there, back) => {
    const service = makeService({ restart: { steps: [mainStep], ...policy } });
    const step = service.restart.steps[0]!;
    const { acts, recovery } = planOf(service, { step, mode: 'restart', force: false, ...asked });
    expect(kinds(acts)).toEqual(there.split(' '));
    expect(kinds(recovery)).toEqual(back.split(' ').filter((kind) => kind !== ''));
    expect(acts.find(({ kind }) => kind === 'restart')).toEqual({ kind: 'restart', step });
    expect([...acts, ...recovery].every((one) => (one.kind === 'drain') === (one.step === undefined))).toBe(true);
  });

  it('is settled: a hook that names no way is the script of its name', () => {
    const hook = { ...ssmStep, parameters: {} };
    const service = makeService({ restart: { steps: [mainStep], before: hook, rollback: hook } });
    const { acts, recovery } = planOf(service, { step: service.restart.steps[0]!, mode: 'restart', force: false });
    expect([acts[0], recovery[0]]).toMatchObject([
      { step: { parameters: { restartScript: '/opt/lamplighter/before_billing-api.sh' } } },
      { step: { parameters: { restartScript: '/opt/lamplighter/rollback_billing-api.sh' } } },
    ]);
  });
});

describe('the present act', () => {
  const hook: Act = { kind: 'before', step: { ...ssmStep, timeoutSeconds: 60 } };
  const restart = makeRestart({ acts: [hook, { kind: 'drain' }, { kind: 'restart', step: makeRestart().step }] });

  it('is the one that the index names, with its own step', () => {
    expect([currentAct(restart), currentStep(restart)]).toEqual([hook, hook.step]);
  });

  it('has the step of the restart where requests are waited for, behind the last one, and where there are no acts', () => {
    for (const one of [{ ...restart, actIndex: 1 }, { ...restart, actIndex: 3 }, makeRestart()])
      expect(currentStep(one)).toBe(one.step);
    expect(currentAct({ ...restart, actIndex: 3 })).toEqual({ kind: 'restart', step: restart.step });
  });

  it('has an order id of its own, on the way there and on the way back', () => {
    const ids = [0, 1].flatMap((actIndex) =>
      (['preparing', 'recovering'] as const).map((phase) => orderId({ ...restart, phase, actIndex })),
    );
    expect(ids).toEqual(['rst-1-a0', 'rst-1-r0', 'rst-1-a1', 'rst-1-r1']);
  });

  it('of a restart from before there were acts goes by the id that its order went out with', () => {
    expect(orderId(makeRestart())).toBe('rst-1');
  });

  it.each([
    [0, 'preparing', true],
    [1, 'waiting_requests', false],
    [2, 'restarting', false],
  ] as const)('number %i is the first to send anything, in %s: %s', (actIndex, phase, isFirst) => {
    expect(isFirstToSend({ ...restart, actIndex, phase })).toBe(isFirst);
  });

  it('is the first to send anything behind the wait for requests alone, and never on the way back', () => {
    const { acts } = restart;
    expect(isFirstToSend({ ...restart, acts: acts.slice(1), actIndex: 1, phase: 'restarting' })).toBe(true);
    expect(isFirstToSend({ ...restart, phase: 'recovering' })).toBe(false);
  });
});

it('every act has its phase, and two of them a code of their own', () => {
  expect(phaseOf).toEqual({
    before: 'preparing',
    validate: 'preparing',
    backup: 'preparing',
    drain: 'waiting_requests',
    restart: 'restarting',
    after: 'restarting',
    restore: 'recovering',
    rollback: 'recovering',
  });
  expect([codeOf('backup'), codeOf('validate'), codeOf('restart')]).toEqual(['RESTART_003', 'RESTART_004', undefined]);
});
