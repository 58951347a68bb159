// The adapter of the event bus on wires that others wrote: what it puts comes through a rule to a queue, as in AWS.
import { randomUUID } from 'node:crypto';

import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';

import { createEventBridgeBus } from '../../lambdas/adapters/eventbridge-event-bus.ts';
import { systemClock } from '../../lambdas/adapters/system-clock.ts';
import { documentOf } from '../../lambdas/core/alerts/notice.ts';
import { alertEntry, type BusEntry, changeEntry } from '../../lambdas/core/bus/entries.ts';
import { billing, makeAlert } from '../make/alerts.ts';
import { outageRecord } from '../make/bus.ts';
import { clientsOf, ministack, moto, REGION, until } from './where.ts';

const { signal } = new AbortController();

/** A bus with a rule that brings what it lets through to a queue. */
async function busOf(where: typeof moto, pattern: object) {
  const { sqs, eventBridge } = clientsOf(where);
  const name = `bus-${randomUUID()}`;
  const QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';
  const { EventBusArn = '' } = await eventBridge.send(new CreateEventBusCommand({ Name: name }));
  const rule = { Name: name, EventBusName: name, EventPattern: JSON.stringify(pattern) };
  await eventBridge.send(new PutRuleCommand(rule));
  const Arn = `arn:aws:sqs:${REGION}:${where.accountId}:${name}`;
  await eventBridge.send(new PutTargetsCommand({ Rule: name, EventBusName: name, Targets: [{ Id: 'queue', Arn }] }));
  const heard: Record<string, unknown>[] = [];
  const hears = (count: number) =>
    until(`${count} events`, 20_000, async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      heard.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>));
      return heard.length >= count && heard;
    });
  const on = (bus: string) =>
    createEventBridgeBus({ client: eventBridge, bus, clock: systemClock, patienceMs: 20_000 });
  return { name, EventBusArn, hears, on };
}

const change = changeEntry(billing, outageRecord);
const alert = alertEntry(documentOf(billing, makeAlert({ level: 'critical' })));
const quiet = alertEntry(documentOf({ ...billing, project: 'shop' }, makeAlert({})));
const entries = [change, quiet, alert].flatMap((entry): BusEntry[] => (entry ? [entry] : []));

describe.each([moto, ministack])('an event bus of $name', (where) => {
  it('takes alerts and state changes, and a rule sorts them by what they say', async () => {
    const { name, EventBusArn, hears, on } = await busOf(where, {
      source: ['lamplighter'],
      detail: { service: { project: ['erp'] } },
    });
    expect(await on(name).put(entries, signal)).toEqual([]);
    expect(await on(EventBusArn).put(entries.slice(0, 1), signal)).toEqual([]);
    const heard = await hears(3);
    expect(heard.map((event) => event['detail-type']).sort()).toEqual([
      'Lamplighter Alert',
      'Lamplighter State Change',
      'Lamplighter State Change',
    ]);
    expect(heard.map(({ source }) => source)).toEqual(['lamplighter', 'lamplighter', 'lamplighter']);
    expect(heard.map(({ detail }) => detail)).toContainEqual(JSON.parse(alert.detail));
    expect(heard.map(({ detail }) => detail)).toContainEqual(JSON.parse(change?.detail ?? '{}'));
  });

  it('takes more than go into one call', async () => {
    const { name, hears, on } = await busOf(where, { source: ['lamplighter'] });
    const many = Array.from({ length: 23 }, () => alert);
    expect(await on(name).put(many, signal)).toEqual([]);
    expect(await hears(23)).toHaveLength(23);
  });
});
