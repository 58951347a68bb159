// The limit of text messages, on the real counter and the embedded engine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDynamoSmsCounter } from '../../lambdas/adapters/dynamo-sms-counter.ts';
import { CLAIM_MS } from '../../lambdas/alert/tell-ports.ts';
import { withinSmsLimit } from '../../lambdas/alert/within-sms-limit.ts';
import { buildNotice } from '../../lambdas/core/alerts/notice.ts';
import type { Notice, SmsCounter } from '../../lambdas/ports/alerts.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { billing, makeAlert } from '../make/alerts.ts';

const { signal } = new AbortController();
const critical = buildNotice(billing, makeAlert({ kind: 'restart_limit_exceeded', level: 'critical' }));
const warning = buildNotice(billing, makeAlert());
const onlyCritical = { levels: ['critical'] } as const;
let engine: Engine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());

async function setUp(monthlyLimit: number, numbers = 1, over: Partial<SmsCounter> = {}) {
  const { table } = await engine.freshTable();
  const clock = fakeClock();
  const log = fakeLog();
  const published: Notice[] = [];
  const refused = { kinds: new Set<string>() };
  const publish = async (notice: Notice) => {
    if (refused.kinds.has(String(notice.attributes['kind']))) throw new Error('SNS did not take it');
    published.push(notice);
  };
  const rule = { monthlyLimit, numbers: Array.from({ length: numbers }, () => onlyCritical) };
  const counter = { ...createDynamoSmsCounter(table), ...over };
  const make = () => withinSmsLimit({ publish }, { rule, counter, place: { apiUrl: '' }, clock, log });
  /** Kinds in order; those that are kept from SMS have a minus. */
  const seen = () =>
    published.map(({ attributes }) => `${attributes['no_sms'] === undefined ? '' : '-'}${String(attributes['kind'])}`);
  return { sink: make(), clock, log, counter, published, refused, seen };
}

describe('text messages of a month', () => {
  it('are sent up to the limit; past it alerts go to all others, and one warning says so', async () => {
    const { sink, seen, published } = await setUp(2);
    for (let alert = 0; alert < 5; alert += 1) await sink.publish(critical, signal);
    const told = 'restart_limit_exceeded';
    expect(seen()).toEqual([told, told, `-${told}`, '-sms_limit', `-${told}`, `-${told}`]);
    expect(JSON.parse(published[3]?.json ?? '')).toMatchObject({
      deduplicationKey: 'sms_limit:2026-01',
      sms: { month: '2026-01', limit: 2, sent: 2 },
    });
    expect(published[2]).toEqual({ ...critical, attributes: { ...critical.attributes, no_sms: 'yes' } });
  });

  it('count for each number, and are not sent to some of them only', async () => {
    const { sink, seen } = await setUp(5, 3);
    await sink.publish(critical, signal);
    await sink.publish(critical, signal);
    expect(seen()).toEqual(['restart_limit_exceeded', '-restart_limit_exceeded', '-sms_limit']);
  });

  it('are not counted where no number gets the alert', async () => {
    const { sink, seen } = await setUp(0);
    await sink.publish(warning, signal);
    expect(seen()).toEqual(['unhealthy']);
  });

  it('may be forbidden altogether', async () => {
    const { sink, published, seen } = await setUp(0);
    await sink.publish(critical, signal);
    expect(seen()).toEqual(['-restart_limit_exceeded', '-sms_limit']);
    expect(JSON.parse(published[1]?.json ?? '')).toMatchObject({ sms: { limit: 0, sent: 0 } });
  });

  it('begin anew with the month, by UTC', async () => {
    const { sink, seen, clock } = await setUp(1);
    clock.set(Date.UTC(2026, 0, 31, 23, 59, 59, 999));
    await sink.publish(critical, signal);
    clock.pass(1);
    await sink.publish(critical, signal);
    expect(seen()).toEqual(['restart_limit_exceeded', 'restart_limit_exceeded']);
  });

  it('are never more than the limit, however many are sent at once', async () => {
    const { sink, seen } = await setUp(3);
    await Promise.all(Array.from({ length: 12 }, () => sink.publish(critical, signal)));
    const kinds = seen();
    expect(kinds.filter((kind) => kind === 'restart_limit_exceeded')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === '-restart_limit_exceeded')).toHaveLength(9);
    expect(kinds.filter((kind) => kind === '-sms_limit')).toHaveLength(1);
  });

  it('are counted before they are sent: what SNS did not take counts, and counts again', async () => {
    const { sink, seen, refused } = await setUp(2);
    refused.kinds.add('restart_limit_exceeded');
    await expect(sink.publish(critical, signal)).rejects.toThrow('SNS did not take it');
    refused.kinds.clear();
    await sink.publish(critical, signal);
    await sink.publish(critical, signal);
    expect(seen()).toEqual(['restart_limit_exceeded', '-restart_limit_exceeded', '-sms_limit']);
  });

  it.each([
    ['a refusal is', {}, 0],
    ['where that cannot be written it is not', { giveBack: () => Promise.reject(new Error('the table failed')) }, 1],
  ])('are taken back where SNS said no: %s', async (_, over, stays) => {
    const refused = Object.assign(new Error('throttled'), { wasRefused: true });
    const { counter, clock, log } = await setUp(2, 1, over);
    const rule = { monthlyLimit: 2, numbers: [onlyCritical] };
    const publish = async () => await Promise.reject(refused);
    const sink = withinSmsLimit({ publish }, { rule, counter, place: { apiUrl: '' }, clock, log });
    await expect(sink.publish(critical, signal)).rejects.toBe(refused);
    expect(await counter.count(START, 2, 2, signal)).toBe(stays === 0);
    expect(log.lines).toHaveLength(stays);
  });

  it('are not sent where they cannot be counted: the alert comes again', async () => {
    const count = async () => await Promise.reject(new Error('the table failed'));
    const { sink, seen } = await setUp(2, 1, { count });
    await expect(sink.publish(critical, signal)).rejects.toThrow('the table failed');
    expect(seen()).toEqual([]);
  });
});

describe('the warning', () => {
  it('that could not be told is told with a later alert, and does not bring the alert back', async () => {
    const { sink, seen, refused, clock, log } = await setUp(0);
    refused.kinds.add('sms_limit');
    await sink.publish(critical, signal);
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'the limit of text messages was not told of' }]);
    refused.kinds.clear();
    await sink.publish(critical, signal); // another may be telling it at this moment
    clock.pass(CLAIM_MS + 1);
    await sink.publish(critical, signal);
    await sink.publish(critical, signal);
    const told = '-restart_limit_exceeded';
    expect(seen()).toEqual([told, told, told, '-sms_limit', told]);
  });

  it('comes again next month', async () => {
    const { sink, seen, clock } = await setUp(0);
    await sink.publish(critical, signal);
    clock.set(START + 31 * 86_400_000);
    await sink.publish(critical, signal);
    expect(seen().filter((kind) => kind === '-sms_limit')).toHaveLength(2);
  });
});
