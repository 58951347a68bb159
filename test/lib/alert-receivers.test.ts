// Receivers that are posted to: what a deployment gets for each, and that it gets nothing of it without.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { functionEnv } from '../../lambdas/contract/env.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';
import { everything, nameOf, resourcesOf, rightsByRole, shown, synthesize } from './synthesized.ts';

const webhooks = [
  { name: 'chat', format: 'slack', secret: 'lamplighter/alerts/chat', levels: ['error', 'critical'] },
  { name: 'on-call', format: 'webhook', secret: '/lamplighter/alerts/on-call', projects: ['erp'], tags: ['a=b'] },
] as const;
const plain = synthesize(everything);
const full = synthesize({ ...everything, alerts: { ...everything.alerts, webhooks } });
const added = (type: string) => {
  const before = new Set(resourcesOf(plain, type).map(([id]) => id));
  return resourcesOf(full, type)
    .filter(([id]) => !before.has(id))
    .map(([id, { Properties }]) => [nameOf(id), Properties as unknown as Properties] as const);
};
type Properties = Record<string, unknown> & {
  RedrivePolicy: { deadLetterTargetArn: unknown };
  AlarmDescription: string;
  Dimensions: { Value: unknown }[];
  ScalingConfig: { MaximumConcurrency: number };
  Environment: { Variables: Record<string, string> };
};
const here = 'REGION:ACCOUNT';
const rightsFor = (own: string, ...secret: string[]) => [
  `logs:CreateLogStream <FunctionsDeliver${own}Logs>`,
  `logs:PutLogEvents <FunctionsDeliver${own}Logs>`,
  ...secret,
  ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(
    (action) => `sqs:${action} <Receivers${own}Queue>`,
  ),
];

describe('a receiver', () => {
  it('has a function of its own, which may read its queue and its secret, and nothing else', () => {
    expect(rightsByRole(full)).toEqual({
      ...rightsByRole(plain),
      '<FunctionsDeliverChatRole>': rightsFor(
        'Chat',
        `secretsmanager:GetSecretValue arn:aws:secretsmanager:${here}:secret:lamplighter/alerts/chat-??????`,
        `ssm:GetParameter arn:aws:ssm:${here}:parameter/aws/reference/secretsmanager/lamplighter/alerts/chat`,
      ).sort(),
      '<FunctionsDeliverOnCallRole>': rightsFor(
        'OnCall',
        `ssm:GetParameter arn:aws:ssm:${here}:parameter/lamplighter/alerts/on-call`,
      ).sort(),
    });
  });

  it('has a queue behind the topic that gets what it wants, in the envelope of SNS, and keeps what it cannot get', () => {
    const subscriptions = added('AWS::SNS::Subscription').map(([, { Protocol, Endpoint, RedrivePolicy, ...rest }]) => [
      Protocol,
      shown(Endpoint),
      rest['FilterPolicy'],
      rest['RawMessageDelivery'],
      shown(RedrivePolicy.deadLetterTargetArn),
    ]);
    expect(subscriptions).toEqual([
      ['sqs', '<ReceiversChatQueue>', { level: ['error', 'critical'] }, undefined, '<AlertTopicUndelivered>'],
      ['sqs', '<ReceiversOnCallQueue>', { project: ['erp'], tags: ['a=b'] }, undefined, '<AlertTopicUndelivered>'],
    ]);
  });

  it('has a queue that tries ten times, each for longer than the function takes, and then calls somebody', () => {
    const queues = Object.fromEntries(added('AWS::SQS::Queue'));
    const { VisibilityTimeout, RedrivePolicy } = queues['<ReceiversOnCallQueue>']!;
    expect({ VisibilityTimeout, RedrivePolicy: { ...RedrivePolicy, deadLetterTargetArn: 0 } }).toEqual({
      VisibilityTimeout: 150,
      RedrivePolicy: { deadLetterTargetArn: 0, maxReceiveCount: 10 },
    });
    const alarms = added('AWS::CloudWatch::Alarm').map(([, { AlarmName, AlarmDescription, Dimensions }]) => [
      AlarmName,
      /#(\w+)$/.exec(AlarmDescription)?.[1],
      shown(Dimensions[0]?.Value),
    ]);
    expect(alarms.sort()).toEqual([
      ['Test-DeliverChatDeadLetters', 'deliverdeadletters', '<ReceiversChatDeadLetters>'],
      ['Test-DeliverChatErrors', 'delivererrors', '<FunctionsDeliverChatFunction>'],
      ['Test-DeliverOnCallDeadLetters', 'deliverdeadletters', '<ReceiversOnCallDeadLetters>'],
      ['Test-DeliverOnCallErrors', 'delivererrors', '<FunctionsDeliverOnCallFunction>'],
    ]);
  });

  it('is worked off one message at a time, two at once', () => {
    const mappings = added('AWS::Lambda::EventSourceMapping').map(([, properties]) => properties);
    expect(mappings).toHaveLength(2);
    for (const { BatchSize, ScalingConfig, FunctionResponseTypes } of mappings)
      expect([BatchSize, ScalingConfig.MaximumConcurrency, FunctionResponseTypes]).toEqual([
        ...[1, 2, ['ReportBatchItemFailures']],
      ]);
  });

  it('gives its function exactly the variables that it reads, and no address', () => {
    const functions = Object.fromEntries(added('AWS::Lambda::Function'));
    const { Variables } = functions['<FunctionsDeliverOnCallFunction>']!.Environment;
    expect(Object.keys(Variables).sort()).toEqual([...functionEnv.deliver].sort());
    const { LAMPLIGHTER_RECEIVER } = readEnv(['LAMPLIGHTER_RECEIVER'], Variables);
    expect(LAMPLIGHTER_RECEIVER).toEqual({
      name: 'on-call',
      format: 'webhook',
      secret: '/lamplighter/alerts/on-call',
    });
    expect(shown(Variables.LAMPLIGHTER_DELIVER_QUEUE_URL)).toBe('<ReceiversOnCallQueue>');
  });

  it.each(['DeliverErrors', 'DeliverDeadLetters'])('has its chapter in the runbook: %s', (name) => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    const [, chapter = ''] = runbook.split(new RegExp(`^## ${name}$`, 'm'));
    const text = chapter.split(/^## /m)[0] ?? '';
    for (const part of ['Impact', 'First look', 'Fix', 'Silence']) expect(text).toContain(`**${part}**`);
    expect(text).toMatch(/```sh\n(errors|letters) /);
  });
});

it('is no number: what the alert function counts text messages by has filters, and nobody’s number', () => {
  const counting = synthesize({
    alerts: {
      sms: [{ number: '+4915112345678', projects: ['erp'] }],
      escalation: { sms: ['+4915112345670'] },
      smsMonthlyLimit: 7,
    },
  });
  const [, alert] = resourcesOf(counting, 'AWS::Lambda::Function').find(([id]) => id.includes('FunctionsAlert'))!;
  const { Variables } = (alert.Properties as unknown as Properties).Environment;
  expect(readEnv(['LAMPLIGHTER_SMS'], Variables).LAMPLIGHTER_SMS).toEqual({
    monthlyLimit: 7,
    numbers: [{ levels: ['critical'], projects: ['erp'] }, { kinds: ['escalation'] }],
  });
  const policies = resourcesOf(counting, 'AWS::SNS::Subscription').map(
    ([, { Properties: one }]) => one['FilterPolicy'],
  );
  expect(policies).toEqual([
    { level: ['critical'], project: ['erp'], no_sms: [{ exists: false }] },
    { kind: ['escalation'], no_sms: [{ exists: false }] },
  ]);
});
