import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { beatOf, stateChangeSchema } from '../../../lambdas/core/rounds/state-change.ts';
import { deploymentEvent, instanceEvent, taskEvent } from '../../make/aws-events.ts';

const AT = Date.UTC(2026, 0, 5, 12, 0, 0);
const ECS = 'arn:aws:ecs:eu-central-1:123456789012';
const decode = (event: unknown) => z.parse(stateChangeSchema, event);
const targets = (event: unknown) => decode(event).targets;

describe('an event of AWS', () => {
  it('comes to what has changed and when, under the id of the event', () => {
    expect(decode(taskEvent())).toEqual({
      kind: 'state_change',
      correlationId: '3317b2af-7005-947d-b652-f55e762e571a',
      event: 'aws.ecs: ECS Task State Change',
      at: AT,
      targets: ['ecs#prod#billing'],
    });
  });

  it.each([
    ['a task of a service', taskEvent(), ['ecs#prod#billing']],
    [
      'a task in another partition',
      taskEvent({ clusterArn: 'arn:aws-cn:ecs:cn-north-1:1:cluster/a' }),
      ['ecs#a#billing'],
    ],
    ['a task whose cluster goes by its name', taskEvent({ clusterArn: 'prod' }), ['ecs#prod#billing']],
    ['a deployment', deploymentEvent(), ['ecs#prod#billing']],
    [
      'a deployment of two services',
      deploymentEvent({ resources: [`${ECS}:service/a/b`, `${ECS}:service/c/d`] }),
      ['ecs#a#b', 'ecs#c#d'],
    ],
    [
      'a deployment of a service with an ARN of the old form, beside its cluster',
      deploymentEvent({ resources: [`${ECS}:service/billing`], detail: { clusterArn: `${ECS}:cluster/prod` } }),
      ['ecs#prod#billing'],
    ],
    ['an instance', instanceEvent(), ['ec2#i-0abc']],
  ])('names its targets: %s', (_, event, expected) => {
    expect(targets(event)).toEqual(expected);
  });

  it.each([
    ['a task that no service has begun', taskEvent({ group: 'family:nightly' })],
    ['a task without a group', taskEvent({ group: undefined })],
    ['a task without a cluster', taskEvent({ clusterArn: undefined })],
    ['a task of a cluster that is none', taskEvent({ clusterArn: 'arn:aws:s3:::prod' })],
    ['a task of a service with a name that ECS would not take', taskEvent({ group: 'service:a#b' })],
    ['a task with a name behind which something else stands', taskEvent({ group: 'service:a b' })],
    ['a task with details of another kind', taskEvent({ group: 7 })],
    ['a task without details', taskEvent({}, { detail: undefined })],
    [
      'a deployment of an old service whose cluster nobody names',
      deploymentEvent({ resources: [`${ECS}:service/billing`] }),
    ],
    ['a deployment of what is no service', deploymentEvent({ resources: [`${ECS}:task-set/prod/billing/ecs-svc/1`] })],
    ['a deployment of a path that is too long', deploymentEvent({ resources: [`${ECS}:service/a/b/c`] })],
    ['a deployment that names nothing', deploymentEvent({ resources: 'all' })],
    ['an instance without an id', instanceEvent({ 'instance-id': undefined })],
    ['an instance with an id of another form', instanceEvent({ 'instance-id': 'i-0abc#x' })],
    ['an event of another kind', taskEvent({}, { 'detail-type': 'ECS Service Action' })],
    ['an event of somebody who uses the same words', taskEvent({}, { source: 'shop.orders' })],
  ])('names nothing that a service could run on, and is no fault: %s', (_, event) => {
    expect(targets(event)).toEqual([]);
  });

  it.each([
    ['is no object', 'hello'],
    ['bears no id', taskEvent({}, { id: undefined })],
    ['bears no time', taskEvent({}, { time: undefined })],
    ['bears a time that is none', taskEvent({}, { time: 'soon' })],
    ['bears no source', taskEvent({}, { source: undefined })],
    ['bears no type', taskEvent({}, { 'detail-type': undefined })],
  ])('that %s is none', (_, event) => {
    expect(stateChangeSchema.safeParse(event).success).toBe(false);
  });
});

describe('the look that follows', () => {
  const beatAt = (now: number) => beatOf(decode(taskEvent()), now);

  it('counts at the time of the event', () => {
    expect(beatAt(AT + 2_000)).toBe(AT);
  });

  it('never counts later than now, though the clock of AWS be ahead', () => {
    expect(beatAt(AT - 700)).toBe(AT - 700);
  });

  it('is left out when the event comes more than five minutes late', () => {
    expect(beatAt(AT + 300_000)).toBe(AT);
    expect(beatAt(AT + 300_001)).toBeUndefined();
  });
});
