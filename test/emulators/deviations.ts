// What of the synthesized template MiniStack 1.4.21 cannot deploy, and what it drops without a word. All that is done to
// the true stack stands here, and is printed with every run.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';

import type { StackResource } from './ministack-api.ts';
import { clientsOf, ministack, moto, REGION } from './where.ts';

type Resource = { Type: string; Properties?: Record<string, unknown>; DependsOn?: unknown; DeletionPolicy?: string };
export type Template = { Resources: Record<string, Resource> };

const REFUSED = ['AWS::SSM::Document', 'AWS::CloudWatch::CompositeAlarm', 'AWS::ResourceGroups::Group'];
const isRefused = ({ Type, Properties }: Resource) =>
  REFUSED.includes(Type) || (Type === 'AWS::CloudWatch::Alarm' && Properties?.['Metrics'] !== undefined);

/** Rewrites the template in place; gives a line for each thing that was changed. */
export function adapt(file: string): string[] {
  const template: Template = JSON.parse(readFileSync(file, 'utf8'));
  const changes: string[] = [];
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (isRefused(resource)) {
      // Has no properties and no effect, and a Ref to it still resolves.
      const { DependsOn } = resource;
      template.Resources[id] = {
        Type: 'AWS::CloudFormation::WaitConditionHandle',
        ...(DependsOn ? { DependsOn } : {}),
      };
      changes.push(`${id} (${resource.Type}) left out`);
    }
    // It fires rate and at expressions only; a rate counts from its creation, so its rounds come late in their minute.
    const { Properties } = resource;
    if (resource.Type === 'AWS::Scheduler::Schedule' && Properties) {
      Properties['ScheduleExpression'] = 'rate(1 minute)';
      changes.push(`${id} fires by rate, not by cron`);
    }
    // Loopback is closed to settings on purpose, and is all that a test may reach.
    const variables = variablesOf(resource);
    if (variables && 'LAMPLIGHTER_ALLOWED_RANGES' in variables) {
      variables['LAMPLIGHTER_ALLOWED_RANGES'] = '127.0.0.0/8';
      changes.push(`${id} may look at loopback`);
    }
    if (variables && 'LAMPLIGHTER_RECEIVER' in variables) {
      // Told an endpoint, it puts a wrapper around `https.request` that knows no options beside an address, and turns
      // TLS on loopback into plain HTTP; told none, it does not. And its Parameter Store knows no way through to Secrets
      // Manager, which that of moto does.
      const endpoints = {
        AWS_ENDPOINT_URL: '',
        AWS_ENDPOINT_URL_SQS: ministack.origin,
        AWS_ENDPOINT_URL_SSM: moto.origin,
      };
      // Receivers of a test have certificates of its own authority.
      const NODE_EXTRA_CA_CERTS = fileURLToPath(new URL('../fixtures/tls/ca.crt', import.meta.url));
      Object.assign(variables, endpoints, { NODE_EXTRA_CA_CERTS });
      changes.push(`${id} reads its secret from moto, and trusts the authority of the tests`);
    }
  }
  writeFileSync(file, JSON.stringify(template));
  return changes;
}

function variablesOf({ Type, Properties }: Resource): Record<string, unknown> | undefined {
  if (Type !== 'AWS::Lambda::Function') return undefined;
  return (Properties?.['Environment'] as { Variables?: Record<string, unknown> } | undefined)?.Variables;
}

/** Sets by the API what MiniStack's CloudFormation drops silently: dead-letter queues and the time to live. */
export async function mend(template: Template, resources: readonly StackResource[]): Promise<string[]> {
  const physical = new Map(resources.map(({ logicalId, physicalId }) => [logicalId, physicalId]));
  const { dynamo, sqs } = clientsOf(ministack);
  const changes: string[] = [];
  for (const [id, { Type, Properties = {} }] of Object.entries(template.Resources)) {
    const redrive = Properties['RedrivePolicy'] as Redrive | undefined;
    if (Type === 'AWS::SQS::Queue' && redrive) {
      const deadLetters = physical.get(redrive.deadLetterTargetArn['Fn::GetAtt'][0])?.split('/').at(-1);
      const deadLetterTargetArn = `arn:aws:sqs:${REGION}:${ministack.accountId}:${deadLetters}`;
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount });
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl: physical.get(id), Attributes: { RedrivePolicy } }));
      changes.push(`${id} given its dead-letter queue`);
    }
    const timeToLive = Properties['TimeToLiveSpecification'] as { AttributeName: string; Enabled: boolean } | undefined;
    if (Type === 'AWS::DynamoDB::Table' && timeToLive) {
      const TableName = physical.get(id);
      await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: timeToLive }));
      changes.push(`${id} given its time to live`);
    }
  }
  return changes;
}
type Redrive = { deadLetterTargetArn: { 'Fn::GetAtt': [string, string] }; maxReceiveCount: number };
