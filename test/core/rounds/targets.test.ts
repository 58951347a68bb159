import { describe, expect, it } from 'vitest';

import { movedTargets, targetsOf } from '../../../lambdas/core/rounds/targets.ts';
import { ecsStep, registration, ssmStep } from '../../fakes/registrations.ts';

const withSteps = (...steps: object[]) => registration({ restart: { steps } });
const onHosts = (...instanceIds: string[]) => ({ ...ssmStep, instanceIds });

describe('what a service runs on', () => {
  it.each([
    ['nothing without restart steps', withSteps(), []],
    ['the ECS service of a step', withSteps(ecsStep), ['ecs#prod#billing']],
    ['every instance of a step', withSteps(onHosts('i-0abc', 'i-0def')), ['ec2#i-0abc', 'ec2#i-0def']],
    ['no machine that is not of EC2', withSteps(onHosts('mi-0abc', 'i-0abc')), ['ec2#i-0abc']],
    [
      'what its probe asks ECS about',
      registration({ probe: { kind: 'ecs', cluster: 'prod', service: 'api' }, restart: { steps: [ssmStep] } }),
      ['ecs#prod#api', 'ec2#i-0abc'],
    ],
    ['each once', withSteps(ecsStep, ssmStep, ecsStep, ssmStep), ['ecs#prod#billing', 'ec2#i-0abc']],
  ])('is %s', (_, document, expected) => {
    expect(targetsOf(document)).toEqual(expected);
  });
});

describe('what has moved', () => {
  const [old, now] = [withSteps(ecsStep, onHosts('i-01')), withSteps(ecsStep, onHosts('i-02'))];

  it('is what only one of the two documents names', () => {
    expect(movedTargets(old, now)).toEqual({ gone: ['ec2#i-01'], fresh: ['ec2#i-02'] });
    expect(movedTargets(old, old)).toEqual({ gone: [], fresh: [] });
  });

  it('is everything where there is only one', () => {
    expect(movedTargets(undefined, now)).toEqual({ gone: [], fresh: ['ecs#prod#billing', 'ec2#i-02'] });
    expect(movedTargets(old, undefined)).toEqual({ gone: ['ecs#prod#billing', 'ec2#i-01'], fresh: [] });
  });
});
