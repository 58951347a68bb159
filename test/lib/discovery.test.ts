// Discovery in the stack: nothing of it without clusters, and with them one function that looks and registers.
import { readFileSync } from 'node:fs';

import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';

import { functionEnv } from '../../lambdas/contract/env.ts';
import { functionTimeoutSeconds } from '../../lambdas/contract/limits.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';
import { everything, nameOf, resourcesOf, rightsByRole, shown, synthesize } from './synthesized.ts';

const base = { ...everything, restart: { clusters: ['prod'], tag: { key: 'heal', value: 'yes' } } };
const without = synthesize(base);
const full = synthesize({ ...base, discovery: { clusters: ['prod', 'stage'] } });
const here = 'REGION:ACCOUNT';

const byName = (type: string, from = full) =>
  Object.fromEntries(
    resourcesOf(from, type).map(([id, { Properties }]) => [nameOf(id), Properties as Record<string, unknown>]),
  );
const variablesOf = (name: string, from = full) =>
  (
    byName('AWS::Lambda::Function', from)[`<Functions${name}Function>`]?.['Environment'] as {
      Variables: Record<string, unknown>;
    }
  ).Variables;

describe('without clusters', () => {
  it('there is nothing of it, and the API knows that it is off', () => {
    const text = JSON.stringify(without.template.toJSON());
    expect(text).not.toMatch(/elasticloadbalancing|ecs:ListServices/);
    for (const type of [
      'AWS::Lambda::Function',
      'AWS::SQS::Queue',
      'AWS::CloudWatch::Alarm',
      'AWS::Scheduler::Schedule',
    ])
      expect(
        Object.keys(byName(type, without)).filter((name) => /discover/i.test(name)),
        type,
      ).toEqual([]);
    expect(variablesOf('Api', without)['LAMPLIGHTER_DISCOVERY_CLUSTERS']).toBe('');
  });
});

describe('the discover function', () => {
  it('is given exactly the variables that it reads, and can read them', () => {
    const variables = variablesOf('Discover');
    expect(Object.keys(variables).sort()).toEqual([...functionEnv.discover].sort());
    const given = Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : name.endsWith('_URL') ? 'https://sqs.example.com/1/q' : 'x',
    ]);
    expect(readEnv(functionEnv.discover, Object.fromEntries(given))).toMatchObject({
      LAMPLIGHTER_DISCOVERY_CLUSTERS: ['prod', 'stage'],
      LAMPLIGHTER_RESTART_TAG: { key: 'heal', value: 'yes' },
    });
    expect(variablesOf('Api')['LAMPLIGHTER_DISCOVERY_CLUSTERS']).toBe('prod,stage');
  });

  it('may look at the services of the named clusters, at load balancers, and register: nothing else', () => {
    const clusters = ['prod', 'stage'].map((name) => `arn:aws:ecs:${here}:cluster/${name}`);
    const inClusters = ` if ArnEquals ecs:cluster = ${JSON.stringify(clusters.map(asJoined))}`;
    expect(rightsByRole(full)['<FunctionsDiscoverRole>']).toEqual(
      [
        ...['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} <FunctionsDiscoverLogs>`),
        ...['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map(
          (action) => `dynamodb:${action} <ServiceTable>`,
        ),
        'sqs:SendMessage <ProbeQueue>',
        // Where runs go that failed.
        ...['GetQueueAttributes', 'GetQueueUrl', 'SendMessage'].map((action) => `sqs:${action} <DiscoveryDeadLetters>`),
        `ecs:ListServices *${inClusters}`,
        ...['prod', 'stage'].map((name) => `ecs:DescribeServices arn:aws:ecs:${here}:service/${name}/*${inClusters}`),
        ...['DescribeListeners', 'DescribeLoadBalancers', 'DescribeTargetGroups'].map(
          (action) => `elasticloadbalancing:${action} *`,
        ),
      ].sort(),
    );
  });

  it('gives nobody else a right, but Scheduler the one to call it', () => {
    const { '<FunctionsDiscoverRole>': _, '<DiscoveryRunsRole>': scheduler, ...others } = rightsByRole(full);
    expect(others).toEqual(rightsByRole(without));
    expect(scheduler).toEqual([
      'lambda:InvokeFunction <FunctionsDiscoverFunction>',
      'sqs:SendMessage <DiscoveryDeadLetters>',
    ]);
  });

  it('runs every five minutes, ends before the next run, and is not tried for longer than that', () => {
    const schedule = byName('AWS::Scheduler::Schedule')['<DiscoveryRunsEveryFiveMinutes>'];
    expect(schedule).toMatchObject({
      ScheduleExpression: 'cron(0/5 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 240 } },
    });
    const target = schedule?.['Target'] as { Arn: unknown; DeadLetterConfig: { Arn: unknown } };
    expect([shown(target.Arn), shown(target.DeadLetterConfig.Arn)]).toEqual([
      '<FunctionsDiscoverFunction>',
      '<DiscoveryDeadLetters>',
    ]);
    expect(functionTimeoutSeconds.discover + 60).toBeLessThan(300);
    const failed = Object.values(byName('AWS::Lambda::EventInvokeConfig')).map(
      ({ FunctionName, DestinationConfig }) => [
        shown(FunctionName),
        shown((DestinationConfig as { OnFailure: { Destination: unknown } }).OnFailure.Destination),
      ],
    );
    expect(failed).toContainEqual(['<FunctionsDiscoverFunction>', '<DiscoveryDeadLetters>']);
  });
});

describe('its alarms', () => {
  const alarms = Object.entries(byName('AWS::CloudWatch::Alarm')).filter(([name]) => /Discover/.test(name));
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

  it('are two more than there were', () => {
    expect(alarms.map(([name]) => name).sort()).toEqual([
      '<SelfWatchDiscoverErrors>',
      '<SelfWatchDiscoveryDeadLetters>',
    ]);
    expect(Object.keys(byName('AWS::CloudWatch::Alarm'))).toHaveLength(
      Object.keys(byName('AWS::CloudWatch::Alarm', without)).length + 2,
    );
  });

  it('can fire: of a function that runs every five minutes, errors of three minutes in a row never come', () => {
    const errors = alarms.find(([name]) => name.includes('Errors'))?.[1];
    expect(errors).toMatchObject({ Period: 60, EvaluationPeriods: 15, DatapointsToAlarm: 3, Threshold: 1 });
  });

  it.each(alarms)('have their chapter in the runbook: %s', (name, { AlarmDescription }) => {
    const chapter = name.replace(/^<SelfWatch|>$/g, '');
    expect(AlarmDescription).toMatch(new RegExp(`^.{20,}\\. What to do: docs/runbook\\.md#${chapter.toLowerCase()}$`));
    const text = runbook.split(new RegExp(`^## ${chapter}$`, 'm'))[1]?.split(/^## /m)[0] ?? '';
    for (const part of ['Impact', 'First look', 'Fix', 'Silence']) expect(text).toContain(`**${part}**`);
    const named = [...text.matchAll(/(?:name AWS::\w+::\w+|errors|letters) (\w+)/g)].map(([, prefix = '']) => prefix);
    expect(named.length).toBeGreaterThan(0);
    const ids = Object.keys((full.template.toJSON() as { Resources: object }).Resources);
    for (const prefix of named)
      expect(
        ids.some((id) => id.startsWith(`Lamplighter${prefix}`)),
        prefix,
      ).toBe(true);
  });
});

describe('cdk-nag', { timeout: 60_000 }, () => {
  it('finds nothing that is not acknowledged', () => {
    const { app, stack } = full;
    for (const pack of [new AwsSolutionsChecks(app), new ServerlessChecks(app)])
      expect(pack.validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

/** As `shown` leaves an ARN of a list: the parts that are known at deploy time only. */
function asJoined(arn: string): unknown {
  const [, , , , , name = ''] = arn.split(':');
  return {
    'Fn::Join': [
      '',
      ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${name}`],
    ],
  };
}
