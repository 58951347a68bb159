// Which events of AWS reach the probe queue, and who may put them there.
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Instance, InstanceType, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';

import { Lamplighter } from '../../lib/lamplighter.ts';
import type { SettingsInput } from '../../lib/settings.ts';
import { deploymentEvent, instanceEvent, taskEvent } from '../make/aws-events.ts';
import { lets } from './event-pattern.ts';
import { everything, type PolicyDocument, resourcesOf, shown, synthesize, type Synthesized } from './synthesized.ts';

/** Account, region and partition as they are in the events, so that patterns can be tried on them. */
const somewhere = { env: { account: '123456789012', region: 'eu-central-1' } };
type Rule = {
  EventPattern: Record<string, unknown>;
  Targets: { Arn: unknown; DeadLetterConfig: { Arn: unknown }; RetryPolicy: unknown; [more: string]: unknown }[];
};
const rulesOf = (synthesized: Synthesized) =>
  resourcesOf(synthesized, 'AWS::Events::Rule').map(([, { Properties }]) => Properties as unknown as Rule);
const letsThrough = (rules: readonly Rule[], event: object) =>
  rules.filter(({ EventPattern }) => lets(EventPattern, { ...event })).length;
const full = synthesize(everything, somewhere);

describe('the events that come in', () => {
  it('are none when nothing may be restarted', () => {
    expect(rulesOf(synthesize())).toEqual([]);
    const statements = resourcesOf(synthesize(), 'AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
    expect(JSON.stringify(statements)).not.toContain('events.amazonaws.com');
  });

  it.each([
    ['a task of a service has stopped', taskEvent(), 1],
    ['a task of a service runs', taskEvent({ lastStatus: 'RUNNING' }), 1],
    ['a task is on its way', taskEvent({ lastStatus: 'PENDING' }), 0],
    ['a task that no service has begun', taskEvent({ group: 'family:nightly' }), 0],
    ['a task in another cluster', taskEvent({ clusterArn: 'arn:aws:ecs:eu-central-1:123456789012:cluster/test' }), 0],
    ['a deployment', deploymentEvent(), 1],
    [
      'a deployment in a cluster whose name begins alike',
      deploymentEvent({ resources: ['arn:aws:ecs:eu-central-1:123456789012:service/prod-2/billing'] }),
      0,
    ],
    ['an instance', instanceEvent(), 1],
    ['an event of another kind', taskEvent({}, { 'detail-type': 'ECS Service Action' }), 0],
    ['an event of somebody else', instanceEvent({}, { source: 'shop.orders' }), 0],
  ])('are those of the named clusters and of the instances: %s', (_, event, times) => {
    expect(letsThrough(rulesOf(full), event)).toBe(times);
  });

  it('go to the probe queue as they are, for as long as they are worth it, and then to its dead letters', () => {
    expect(rulesOf(full)).toHaveLength(2);
    for (const { Targets } of rulesOf(full)) {
      expect(Targets).toHaveLength(1);
      const [{ Arn, DeadLetterConfig, RetryPolicy, ...more } = Targets[0]!] = Targets;
      expect([shown(Arn), shown(DeadLetterConfig.Arn)]).toEqual(['<ProbeQueue>', '<ProbeQueueDeadLetters>']);
      expect(RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 300 });
      expect(Object.keys(more)).toEqual(['Id']);
    }
  });

  it('of instances are left alone when instances are not to be restarted', () => {
    const clusters = synthesize({ restart: { clusters: ['prod', 'test'] } }, somewhere);
    expect(rulesOf(clusters)).toHaveLength(2);
    expect(letsThrough(rulesOf(clusters), instanceEvent())).toBe(0);
  });
});

const statementsFor = (synthesized: Synthesized) =>
  resourcesOf(synthesized, 'AWS::SQS::QueuePolicy')
    .flatMap(
      ([, { Properties }]) => (Properties as unknown as { PolicyDocument: PolicyDocument }).PolicyDocument.Statement,
    )
    .filter(({ Principal }) => JSON.stringify(Principal) === '{"Service":"events.amazonaws.com"}');

describe('who may put them there', () => {
  it('is EventBridge, from these very rules, in one statement a queue', () => {
    const rules = resourcesOf(full, 'AWS::Events::Rule').map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    const allowed = statementsFor(full);
    expect(allowed.map(({ Resource }) => shown(Resource)).sort()).toEqual(['<ProbeQueue>', '<ProbeQueueDeadLetters>']);
    for (const { Action, Effect, Condition } of allowed)
      expect({ Action, Effect, Condition }).toEqual({
        Action: 'sqs:SendMessage',
        Effect: 'Allow',
        Condition: { ArnEquals: { 'aws:SourceArn': rules } },
      });
  });
});

/** A stack that watches what was made elsewhere, so that every name is known. */
function watching(settings: SettingsInput, watch: (lamplighter: Lamplighter, stack: Stack) => void): Synthesized {
  const context = { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:enablePartitionLiterals': true };
  const app = new App({ context });
  const stack = new Stack(app, 'Shop', somewhere);
  watch(new Lamplighter(stack, 'Lamplighter', { settings }), stack);
  return { app, stack, template: Template.fromStack(stack) } as unknown as Synthesized;
}

const options = { url: 'https://shop.example.com/health' };
function watchService(lamplighter: Lamplighter, name = 'billing', cluster = 'prod'): void {
  const scope = Stack.of(lamplighter);
  const arn = `arn:aws:ecs:eu-central-1:123456789012:cluster/${cluster}`;
  const service = FargateService.fromFargateServiceAttributes(scope, name, {
    serviceArn: `arn:aws:ecs:eu-central-1:123456789012:service/${cluster}/${name}`,
    cluster: Cluster.fromClusterArn(scope, `${name}Cluster`, arn),
  });
  lamplighter.watch(service, options);
}
function watchHost(lamplighter: Lamplighter): void {
  const scope = Stack.of(lamplighter);
  const size = { instanceType: new InstanceType('t4g.micro'), machineImage: MachineImage.latestAmazonLinux2023() };
  const host = new Instance(scope, 'Host', { vpc: new Vpc(scope, 'Vpc'), ...size });
  lamplighter.watch(host, { ...options, parameters: { unit: 'billing' } });
}

describe('watch()', () => {
  it.each([
    ['a task of it has stopped', taskEvent(), 1],
    ['a task of it is on its way', taskEvent({ lastStatus: 'PENDING' }), 0],
    ['a task of another service', taskEvent({ group: 'service:billing-2' }), 0],
    [
      'a task of a service of that name elsewhere',
      taskEvent({ clusterArn: 'arn:aws:ecs:eu-central-1:123456789012:cluster/test' }),
      0,
    ],
    ['a deployment of it', deploymentEvent(), 1],
    [
      'a deployment of another service',
      deploymentEvent({ resources: ['arn:aws:ecs:eu-central-1:123456789012:service/prod/billing-2'] }),
      0,
    ],
    ['an instance', instanceEvent(), 0],
  ])('hears of just that ECS service: %s', (_, event, times) => {
    expect(letsThrough(rulesOf(watching({}, (lamplighter) => watchService(lamplighter))), event)).toBe(times);
  });

  it('hears of just that instance', () => {
    const watched = watching({}, watchHost);
    const [[id] = []] = resourcesOf(watched, 'AWS::EC2::Instance');
    expect(rulesOf(watched).map(({ EventPattern }) => EventPattern)).toEqual([
      {
        source: ['aws.ec2'],
        'detail-type': ['EC2 Instance State-change Notification'],
        detail: { 'instance-id': [{ Ref: id }] },
      },
    ]);
  });

  it('adds no rule for a url, which no event names', () => {
    expect(rulesOf(watching({}, (lamplighter) => lamplighter.watch(options.url)))).toEqual([]);
  });

  it('adds none for what the rules of the settings tell of already', () => {
    const all = { restart: { clusters: ['prod'], instances: true } };
    const watched = watching(all, (lamplighter) => {
      watchService(lamplighter);
      watchHost(lamplighter);
      watchService(lamplighter, 'other', 'test');
    });
    expect(rulesOf(watched)).toHaveLength(3);
    expect(letsThrough(rulesOf(watched), taskEvent())).toBe(1);
  });

  it('lets its rules into the queues and nobody else, and cdk-nag finds nothing in it', () => {
    const watched = watching({}, (lamplighter) => watchService(lamplighter));
    const rules = resourcesOf(watched, 'AWS::Events::Rule').map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    const allowed = statementsFor(watched).map(({ Condition }) => Condition?.['ArnEquals']?.['aws:SourceArn']);
    expect(allowed).toEqual([rules[0], rules[0]].map((rule) => [rule]));
    const { app, stack } = watched;
    for (const pack of [new AwsSolutionsChecks(app), new ServerlessChecks(app)]) {
      const found = pack.validateScope(stack).violations.flatMap(({ violatingResources }) => violatingResources);
      const ours = found.filter(({ constructPath }) => /Queue|StateChanges/.test(String(constructPath)));
      expect(ours).toEqual([]);
    }
  });

  it('leaves the rest to the rounds, and says so, when no more rules fit into the policy of a queue', () => {
    const watched = watching({}, (lamplighter) => {
      for (let count = 0; count < 57; count += 1) watchService(lamplighter, `service-${count}`);
    });
    expect(rulesOf(watched)).toHaveLength(55);
    expect(resourcesOf(watched, 'Custom::LamplighterService')).toHaveLength(57);
    const warnings = Annotations.fromStack(watched.stack).findWarning(
      '*',
      Match.stringLikeRegexp('more than 55 rules'),
    );
    expect(warnings).toHaveLength(2);
    // As CloudFormation will fill it in, with the longest names there are.
    const arn = `arn:aws-us-gov:events:ap-southeast-1:123456789012:rule/${'x'.repeat(64)}`;
    for (const [, { Properties }] of resourcesOf(watched, 'AWS::SQS::QueuePolicy')) {
      const { PolicyDocument } = Properties as unknown as { PolicyDocument: PolicyDocument };
      const filled = JSON.stringify(PolicyDocument).replace(/\{"Fn::GetAtt":\[[^\]]*\]\}/g, JSON.stringify(arn));
      expect(filled.length).toBeLessThan(8_192);
      expect(PolicyDocument.Statement.length).toBeLessThanOrEqual(20);
    }
  });
});
