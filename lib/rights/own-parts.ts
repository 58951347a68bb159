// Rights to Lamplighter's own table, queues, topic and event bus.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { keys, stateAttributes } from '../../lambdas/contract/table.ts';
import { type Right, right } from './right.ts';

export const onTable = (tableArn: string, ...actions: readonly string[]): Right => ({
  statement: new PolicyStatement({
    sid: 'Table',
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [tableArn],
  }),
});

/**
 * To read results, timelines and registrations, and to write roll-ups; to note trends in the items of services, which
 * the loser of a race reads again. The keys of each are named; for the item of a service so are the attributes, because
 * it also holds the registration.
 */
export function toRollUp(tableArn: string): Right[] {
  const onKeys = (sid: string, actions: readonly string[], ...leading: readonly string[]): Right => ({
    statement: new PolicyStatement({
      sid,
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...leading] } },
    }),
  });
  const noted = onKeys('Trends', ['UpdateItem'], 'SHARD#*');
  // What an update sets or names in its condition, the key included.
  noted.statement.addCondition('ForAllValues:StringEquals', { 'dynamodb:Attributes': [...stateAttributes] });
  return [
    onKeys('Kept', ['Query'], 'RESULTS#*', 'SHARD#*', 'TIMELINE#*', keys.fleet),
    onKeys('Rollups', ['GetItem', 'PutItem', 'Query'], 'ROLLUP#*'),
    onKeys('Services', ['GetItem'], 'SHARD#*'),
    noted,
  ];
}

/**
 * To find the dependents of a service: the one part of the index that a function without rights to registrations may
 * read.
 */
export const toFindDependents = (tableArn: string): Right => ({
  statement: new PolicyStatement({
    sid: 'Dependents',
    actions: ['dynamodb:Query'],
    resources: [tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys.target('service#*') } },
  }),
});

export const toSend = (...queueArns: readonly string[]): Right => ({
  statement: new PolicyStatement({ sid: 'HandOn', actions: ['sqs:SendMessage'], resources: [...queueArns] }),
});

export const toPublish = (topicArn: string): Right => ({
  statement: new PolicyStatement({ sid: 'Publish', actions: ['sns:Publish'], resources: [topicArn] }),
});

/** One event bus: of this account by its name, of any account by its ARN. */
export const toPutOn = (scope: Construct, bus: string): Right =>
  bus.startsWith('arn:')
    ? { statement: new PolicyStatement({ sid: 'EventBus', actions: ['events:PutEvents'], resources: [bus] }) }
    : right(scope, 'EventBus', 'events:PutEvents', [{ service: 'events', name: `event-bus/${bus}` }]);
