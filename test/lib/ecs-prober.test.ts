// The prober beside ECS in the stack: nothing of it until somebody needs it, and then one function that sees and no more.
import { readFileSync } from 'node:fs';

import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';

import { functionEnv } from '../../lambdas/contract/env.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';
import type { LamplighterStack } from '../../lib/lamplighter-stack.ts';
import { everything, nameOf, resourcesOf, rightsByRole, shown, synthesize } from './synthesized.ts';

const without = synthesize(everything);
const withEcs = synthesize({ ...everything, ecsState: { clusters: ['prod', 'stage'] } });
const ROLE = '<FunctionsProbeEcsRole>';

function watchOne(stack: LamplighterStack, probe: object = { kind: 'ecs', graceSeconds: 30 }): void {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const taskDefinition = new FargateTaskDefinition(stack, 'Definition');
  taskDefinition.addContainer('api', { image: ContainerImage.fromRegistry('api') });
  const service = new FargateService(stack, 'Orders', {
    cluster: new Cluster(stack, 'Cluster', { vpc }),
    taskDefinition,
  });
  stack.lamplighter.watch(service, { document: { probe } });
}
const watching = synthesize({}, {}, watchOne);

const names = (of: typeof without, type: string) => resourcesOf(of, type).map(([id]) => nameOf(id));
const variables = (of: typeof without, name: string) => {
  const [, { Properties }] = resourcesOf(of, 'AWS::Lambda::Function').find(
    ([id]) => nameOf(id) === `<Functions${name}Function>`,
  )!;
  const { Variables } = (Properties as unknown as { Environment: { Variables: Record<string, unknown> } }).Environment;
  return Object.fromEntries(Object.entries(Variables).map(([key, value]) => [key, shown(value)]));
};

describe('the prober beside ECS', () => {
  it('is not there unless somebody needs it', () => {
    expect(JSON.stringify(without.template.toJSON())).not.toMatch(/ProbeEcs|EcsProbe|ecs:ListTasks"],"Condition/);
    expect(variables(without, 'Probe')).toMatchObject({
      ...{ LAMPLIGHTER_ECS_STATE: 'no', LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '' },
    });
    expect(variables(without, 'Api')).toMatchObject({ LAMPLIGHTER_ECS_STATE: 'no', LAMPLIGHTER_NETWORKS: 'public' });
  });

  it.each([
    ['named clusters', withEcs],
    ['a watched service', watching],
  ])('comes with %s: a function, its queue, and two alarms', (_, of) => {
    expect(names(of, 'AWS::Lambda::Function')).toContain('<FunctionsProbeEcsFunction>');
    expect(names(of, 'AWS::SQS::Queue')).toEqual(
      expect.arrayContaining(['<EcsProbeQueue>', '<EcsProbeQueueDeadLetters>']),
    );
    expect(names(of, 'AWS::CloudWatch::Alarm')).toHaveLength(21);
    expect(names(of, 'AWS::CloudWatch::Alarm')).toEqual(
      expect.arrayContaining(['<SelfWatchProbeEcsErrors>', '<SelfWatchEcsProbeDeadLetters>']),
    );
    type Mapping = { EventSourceArn: unknown; FunctionName: unknown };
    const mappings = resourcesOf(of, 'AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties as unknown as Mapping,
    );
    expect(
      mappings.map(({ EventSourceArn, FunctionName }) => [shown(EventSourceArn), shown(FunctionName)]),
    ).toContainEqual([...['<EcsProbeQueue>', '<FunctionsProbeEcsFunction>']]);
  });

  it('is told who it is, and the others where it is', () => {
    expect(variables(withEcs, 'ProbeEcs')).toMatchObject({
      LAMPLIGHTER_NETWORK: 'ecs',
      LAMPLIGHTER_ECS_STATE: 'yes',
      LAMPLIGHTER_PROBE_QUEUE_URL: '<EcsProbeQueue>',
      LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: '<ProbeQueue>',
      LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '',
      LAMPLIGHTER_ALLOWED_RANGES: '',
    });
    for (const name of ['Probe', 'Schedule'])
      expect(variables(withEcs, name)).toMatchObject({ LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '<EcsProbeQueue>' });
    expect(variables(withEcs, 'Probe')).toMatchObject({ LAMPLIGHTER_ECS_STATE: 'no', LAMPLIGHTER_NETWORK: 'public' });
    for (const name of ['Api', 'Register'])
      expect(variables(withEcs, name)).toMatchObject({
        LAMPLIGHTER_NETWORKS: 'public,ecs',
        LAMPLIGHTER_ECS_STATE: 'yes',
      });
    const filled = Object.entries(variables(withEcs, 'ProbeEcs')).map(([key, value]) =>
      key.endsWith('_URL') && value !== '' ? [key, 'https://sqs.example.com/1/q'] : [key, value],
    );
    expect(() => readEnv(functionEnv.probe, Object.fromEntries(filled))).not.toThrow();
  });
});

describe('the rights', () => {
  const ecsRights = (of: typeof without, role: string) =>
    rightsByRole(of)[role]!.filter((line) => line.startsWith('ecs:'));

  it('to see are of that one alone, in the named clusters, and change nothing', () => {
    const seen = ecsRights(withEcs, ROLE);
    expect([...new Set(seen.map((line) => line.split(' ')[0]))].sort()).toEqual([
      ...['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListTasks'],
    ]);
    for (const cluster of ['prod', 'stage'])
      expect(
        seen.filter((line) => line.includes(`cluster/${cluster}`) || line.includes(`service/${cluster}/`)),
      ).toHaveLength(3);
    expect(ecsRights(withEcs, '<FunctionsProbeRole>')).toEqual([]);
    expect(rightsByRole(withEcs)[ROLE]!.filter((line) => /sns:|ssm:Send|ecs:Update|ecs:Stop/.test(line))).toEqual([]);
  });

  it('of the others grow by sending to its queue', () => {
    const [before, after] = [rightsByRole(without), rightsByRole(withEcs)];
    for (const role of Object.keys(before)) {
      const more = after[role]!.filter((line) => !before[role]!.includes(line));
      expect(more, role).toEqual(/Probe|Schedule/.test(role) ? ['sqs:SendMessage <EcsProbeQueue>'] : []);
    }
  });

  it('to see a watched service are of that service, and of tasks in its cluster', () => {
    const seen = ecsRights(watching, ROLE);
    expect(seen.filter((line) => line.includes('DescribeServices'))).toHaveLength(1);
    expect(seen.join('\n')).not.toMatch(/DescribeServices \*/);
    expect(
      seen.filter((line) => line.includes('Tasks *')).every((line) => line.includes('ArnEquals ecs:cluster')),
    ).toBe(true);
  });
});

describe('watch()', () => {
  it('registers the probe with cluster and service, needs no address, and hears of changes', () => {
    const [[, registration] = []] = resourcesOf(watching, 'Custom::LamplighterService');
    const text = JSON.stringify(registration?.Properties);
    expect(text).toMatch(/\\"kind\\":\\"ecs\\",\\"graceSeconds\\":30/);
    expect(text).toMatch(/\\"probe\\":\{\\"cluster\\":/);
    expect(resourcesOf(watching, 'AWS::Events::Rule')).toHaveLength(1);
  });

  it('refuses such a probe for what is no ECS service', () => {
    const careless = (stack: LamplighterStack) =>
      void stack.lamplighter.watch('https://example.com/', { document: { probe: { kind: 'ecs' } } });
    expect(() => synthesize({}, {}, careless)).toThrow('a probe of kind ecs needs an ECS service');
  });
});

describe('cdk-nag', { timeout: 60_000 }, () => {
  it.each([
    ['named clusters', withEcs],
    ['a watched service', watching],
  ])('finds nothing of Lamplighter with %s', (_, { app, stack }) => {
    const found = [new AwsSolutionsChecks(app), new ServerlessChecks(app)].flatMap((pack) =>
      pack
        .validateScope(stack)
        .violations.flatMap(({ ruleName, violatingResources }) =>
          violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
        ),
    );
    expect(found.filter((line) => line.includes('Test/Lamplighter/'))).toEqual([]);
  });
});

describe('the runbook', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

  it.each(['ProbeEcsErrors', 'EcsProbeDeadLetters'])('has a whole chapter for %s', (name) => {
    const chapter = runbook.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    for (const part of ['Impact', 'First look', 'Fix', 'Silence']) expect(chapter).toContain(`**${part}**`);
    expect(chapter).toMatch(/```sh\n(aws|metric|errors|letters) /);
  });
});
