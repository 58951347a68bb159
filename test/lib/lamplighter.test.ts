// What the stack is made of: functions, queues, table, logs, the tick. Rights have a test of their own.
import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { CLAIM_MS } from '../../lambdas/alert/tell-ports.ts';
import { canonicalJson } from '../../lambdas/contract/canonical-json.ts';
import { functionEnv, type FunctionName } from '../../lambdas/contract/env.ts';
import { LEASE_MS } from '../../lambdas/restart/carry-out.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';
import { everything, listOf, nameOf, resourcesOf, shown, synthesize } from './synthesized.ts';

const withPeople = { ...everything, api: { basic: {} } };
const full = synthesize(withPeople);
/** With the functions that settings add. */
const withDiscovery = synthesize({
  ...withPeople,
  discovery: { clusters: ['prod'] },
  alerts: { webhooks: [{ name: 'chat', format: 'slack', secret: 'lamplighter/alerts/chat' }] },
});
const names = Object.keys(functionEnv) as FunctionName[];
/** Each receiver has a function of its own, named after it. */
const logicalOf = (name: string) =>
  `<Functions${name.charAt(0).toUpperCase()}${name.slice(1)}${name === 'deliver' ? 'Chat' : ''}Function>`;

type Lambda = {
  Runtime: string;
  Architectures: string[];
  Timeout: number;
  MemorySize: number;
  Environment: { Variables: Record<string, unknown> };
  LoggingConfig: { LogGroup: unknown };
};
const lambdas = Object.fromEntries(
  resourcesOf(withDiscovery, 'AWS::Lambda::Function').map(([id, { Properties }]) => [
    nameOf(id),
    Properties as unknown as Lambda,
  ]),
);
const lambdaOf = (name: FunctionName): Lambda => {
  const found = lambdas[logicalOf(name)];
  if (!found) throw new Error(`there is no function ${name}`);
  return found;
};
const timeoutMs = (name: FunctionName) => lambdaOf(name).Timeout * 1000;

describe('the functions', () => {
  it('are those of the contract, and each is given exactly the variables that it reads', () => {
    for (const name of names)
      expect(Object.keys(lambdaOf(name).Environment.Variables).sort(), name).toEqual([...functionEnv[name]].sort());
  });

  it.each(names)('can read what they are given: %s', (name) => {
    const given = Object.entries(lambdaOf(name).Environment.Variables).map(([variable, value]) => {
      // What is known at deploy time only, as AWS would fill it in.
      const text =
        typeof value === 'string' ? value : variable.endsWith('_URL') ? 'https://sqs.example.com/1/q' : 'arn:x';
      return [variable, text];
    });
    expect(Object.keys(readEnv(functionEnv[name], Object.fromEntries(given)))).toHaveLength(functionEnv[name].length);
  });

  it('run on Node 24 and arm64, each with a log group of its own that does not grow for ever', () => {
    const logs = Object.fromEntries(
      resourcesOf(withDiscovery, 'AWS::Logs::LogGroup').map(([id, { Properties }]) => [nameOf(id), Properties]),
    );
    const used = names.map((name) => {
      const { Runtime, Architectures, LoggingConfig } = lambdaOf(name);
      expect({ Runtime, Architectures }).toEqual({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      return shown(LoggingConfig.LogGroup);
    });
    expect(new Set(used).size).toBe(names.length);
    for (const [name, properties] of Object.entries(logs)) expect(properties, name).toEqual({ RetentionInDays: 30 });
    for (const name of used) expect(logs).toHaveProperty([name]);
  });

  it('have ended before what they hold runs out, and before the next round', () => {
    expect(timeoutMs('restart')).toBeLessThan(LEASE_MS);
    expect(timeoutMs('alert')).toBeLessThan(CLAIM_MS);
    expect(timeoutMs('probe')).toBeLessThan(60_000);
    expect(timeoutMs('schedule')).toBeLessThan(60_000);
    expect(timeoutMs('api')).toBeLessThan(30_000);
  });
});

type Queue = {
  SqsManagedSseEnabled: boolean;
  VisibilityTimeout?: number;
  MessageRetentionPeriod: number;
  RedrivePolicy?: { deadLetterTargetArn: unknown; maxReceiveCount: number };
};
const queues = Object.fromEntries(
  resourcesOf(full, 'AWS::SQS::Queue').map(([id, { Properties }]) => [nameOf(id), Properties as unknown as Queue]),
);
type Mapping = {
  EventSourceArn: unknown;
  FunctionName: unknown;
  FunctionResponseTypes: string[];
  BatchSize: number;
  ScalingConfig: { MaximumConcurrency: number };
};

describe('the queues', () => {
  it('feed probe, restart and alert; failed records come again alone, and nothing is handed out twice at once', () => {
    const mappings = resourcesOf(full, 'AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties as unknown as Mapping,
    );
    const read = mappings.map(({ EventSourceArn, FunctionName }) => [shown(EventSourceArn), shown(FunctionName)]);
    expect(Object.fromEntries(read)).toEqual({
      '<ProbeQueue>': logicalOf('probe'),
      '<RestartQueue>': logicalOf('restart'),
      '<AlertQueue>': logicalOf('alert'),
    });
    for (const { EventSourceArn, FunctionName, FunctionResponseTypes, ScalingConfig } of mappings) {
      expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
      const visible = queues[shown(EventSourceArn)]?.VisibilityTimeout ?? 0;
      expect(visible).toBeGreaterThanOrEqual(6 * (lambdas[shown(FunctionName)]?.Timeout ?? Infinity));
    }
    // A claim that outlived the visibility timeout would turn away the very delivery that is to repeat it.
    expect((queues['<AlertQueue>']?.VisibilityTimeout ?? 0) * 1000).toBeGreaterThan(CLAIM_MS);
  });

  it('have a dead-letter queue each, which keeps for two weeks', () => {
    const ends = Object.entries(queues).filter(([, { RedrivePolicy }]) => !RedrivePolicy);
    expect(ends.map(([name]) => name).sort()).toEqual([
      '<AlertQueueDeadLetters>',
      '<AlertTopicUndelivered>',
      '<ProbeQueueDeadLetters>',
      '<RestartQueueDeadLetters>',
      '<TickDeadLetters>',
    ]);
    for (const [, { MessageRetentionPeriod }] of ends) expect(MessageRetentionPeriod).toBe(14 * 86_400);
    for (const [name, { RedrivePolicy }] of Object.entries(queues)) {
      if (!RedrivePolicy) continue;
      expect(shown(RedrivePolicy.deadLetterTargetArn)).toBe(name.replace('>', 'DeadLetters>'));
      expect(RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(3);
    }
  });

  it('are encrypted, and their policies cover every one of them', () => {
    expect(Object.keys(queues)).toHaveLength(8);
    for (const { SqsManagedSseEnabled } of Object.values(queues)) expect(SqsManagedSseEnabled).toBe(true);
    const covered = resourcesOf(full, 'AWS::SQS::QueuePolicy').flatMap(([, { Properties }]) =>
      listOf<unknown>((Properties as unknown as { Queues: unknown[] }).Queues).map(shown),
    );
    expect(covered.sort()).toEqual(Object.keys(queues).sort());
  });
});

describe('the table', () => {
  it('outlives the stack, can be set back in time, is encrypted, and forgets by the attribute that the code writes', () => {
    const [[, table] = []] = resourcesOf(full, 'AWS::DynamoDB::Table');
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    });
    expect(resourcesOf(full, 'AWS::DynamoDB::Table')).toHaveLength(1);
  });
});

describe('the tick', () => {
  it('comes every minute, bears the time it was meant for, and is not tried for longer than it is worth', () => {
    const [[, { Properties } = { Properties: {} }] = []] = resourcesOf(full, 'AWS::Scheduler::Schedule');
    const { ScheduleExpression, FlexibleTimeWindow, Target } = Properties as Record<string, Record<string, unknown>>;
    expect(ScheduleExpression).toBe('cron(* * * * ? *)');
    expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
    expect(JSON.parse(String(Target?.['Input']))).toEqual({ scheduledTime: '<aws.scheduler.scheduled-time>' });
    expect(Target?.['RetryPolicy']).toEqual({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 });
    expect(shown(Target?.['Arn'])).toBe(logicalOf('schedule'));
    expect(shown((Target?.['DeadLetterConfig'] as { Arn: unknown }).Arn)).toBe('<TickDeadLetters>');
  });

  it('goes to the dead letters when the function fails on it, after one more try within the minute', () => {
    const [[, { Properties } = { Properties: {} }] = []] = resourcesOf(full, 'AWS::Lambda::EventInvokeConfig');
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = Properties as Record<string, unknown>;
    expect({ MaximumRetryAttempts, MaximumEventAgeInSeconds }).toEqual({
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 60,
    });
    const { OnFailure } = DestinationConfig as { OnFailure: { Destination: unknown } };
    expect(shown(OnFailure.Destination)).toBe('<TickDeadLetters>');
  });
});

describe('the restart documents', () => {
  it('are published under the names that the functions allow, and are what the functions take the hash of', () => {
    const published = resourcesOf(full, 'AWS::SSM::Document').map(([, { Properties }]) => {
      const { Name, Content } = Properties as unknown as { Name: string; Content: unknown };
      return `${Name}=${createHash('sha256').update(canonicalJson(Content)).digest('hex')}`;
    });
    expect(published).toHaveLength(3);
    expect(lambdaOf('restart').Environment.Variables['LAMPLIGHTER_DOCUMENTS']).toBe(published.join(','));
    expect(lambdaOf('api').Environment.Variables['LAMPLIGHTER_DOCUMENTS']).toBe(published.join(','));
  });
});

describe('the stack', () => {
  it('is the same every time, so that a second deploy changes nothing', () => {
    expect(synthesize(withPeople).template.toJSON()).toEqual(full.template.toJSON());
  });

  it('says where its API is and which topic alerts go to', () => {
    const outputs = (full.template.toJSON() as { Outputs: Record<string, { Value: unknown }> }).Outputs;
    const values = Object.fromEntries(Object.entries(outputs).map(([id, { Value }]) => [nameOf(id), shown(Value)]));
    expect(values).toMatchObject({ '<ApiUrl>': '<HttpApi>', '<AlertTopicArn>': '<AlertTopic>' });
  });

  it('hands settings on to those who need them', () => {
    const own = synthesize({
      ...{ shards: 4, retentionDays: 7, minIntervalSeconds: 30, logRetentionDays: 14 },
      auditRetentionDays: 90,
    });
    const variables = resourcesOf(own, 'AWS::Lambda::Function').map(
      ([id, { Properties }]) => [nameOf(id), (Properties as unknown as Lambda).Environment.Variables] as const,
    );
    const given = Object.fromEntries(variables);
    expect(given[logicalOf('probe')]).toMatchObject({ LAMPLIGHTER_SHARDS: '4', LAMPLIGHTER_RETENTION_DAYS: '7' });
    expect(given[logicalOf('alert')]).toMatchObject({ LAMPLIGHTER_RETENTION_DAYS: '7' });
    expect(given[logicalOf('api')]).toMatchObject({ LAMPLIGHTER_MIN_INTERVAL_SECONDS: '30' });
    for (const name of ['api', 'register'] as const)
      expect(given[logicalOf(name)]).toMatchObject({ LAMPLIGHTER_AUDIT_RETENTION_DAYS: '90' });
    for (const [, { Properties }] of resourcesOf(own, 'AWS::Logs::LogGroup'))
      expect(Properties).toEqual({ RetentionInDays: 14 });
  });
});
