import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { eachRecord } from '../../lambdas/runtime/each-record.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { batchOf, contextFor } from './invoke.ts';

const schema = z.object({ service: z.string() });
const message = (service: string) => JSON.stringify({ service });

function queueFunction(run: (service: string, signal: AbortSignal) => Promise<void>) {
  const log = fakeLog();
  let flushed = 0;
  const handler = eachRecord(
    schema,
    ({ service }, { signal }) => run(service, signal),
    () => log,
    () => void (flushed += 1),
  );
  return { handler, log, flushed: () => flushed };
}
const failing = (...services: string[]) =>
  queueFunction((service) =>
    services.includes(service) ? Promise.reject(new Error(`${service} broke`)) : Promise.resolve(),
  );

describe('a batch of messages', () => {
  it('names no failure when all went well', async () => {
    const seen: string[] = [];
    const { handler, log } = queueFunction(async (service) => void seen.push(service));
    expect(await handler(batchOf(message('a'), message('b')), contextFor())).toEqual({ batchItemFailures: [] });
    expect(seen.toSorted()).toEqual(['a', 'b']);
    expect(log.lines).toEqual([]);
  });

  it('names only the one that failed', async () => {
    const { handler } = failing('b');
    const answer = await handler(batchOf(message('a'), message('b'), message('c')), contextFor());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  });

  it('names every message when all fail, and does not throw', async () => {
    const { handler, flushed } = failing('a', 'b');
    const answer = await handler(batchOf(message('a'), message('b')), contextFor());
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual(['m-0', 'm-1']);
    expect(flushed()).toBe(1);
  });

  it.each([
    ['is no JSON', '{"service":'],
    ['lacks a field', '{}'],
    ['has a field of another kind', '{"service":7}'],
  ])('fails a message that %s, and runs the others', async (_, body) => {
    const seen: string[] = [];
    const { handler } = queueFunction(async (service) => void seen.push(service));
    const answer = await handler(batchOf(body, message('b')), contextFor());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(seen).toEqual(['b']);
  });

  it('logs what failed, with message id and number of deliveries', async () => {
    const { handler, log } = failing('b');
    await handler(batchOf(message('b')), contextFor());
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'a message failed and comes again',
        details: { messageId: 'm-0', received: '2', error: 'Error: b broke', causes: undefined },
      },
    ]);
  });

  it('logs the first causes of a fault that gathers several', async () => {
    const causes = ['one', 'two', 'three', 'four'].map((text) => new Error(text));
    const { handler, log } = queueFunction(() => Promise.reject(new AggregateError(causes, 'several')));
    await handler(batchOf(message('a')), contextFor());
    expect(log.lines[0]?.details['causes']).toEqual(['Error: one', 'Error: two', 'Error: three']);
  });

  it('that runs out of time names the messages that were not done, and no others', async () => {
    const { handler } = queueFunction(
      (service, signal) =>
        new Promise((resolve, reject) => {
          if (service === 'quick') resolve();
          signal.addEventListener('abort', () => reject(new Error('cut off')), { once: true });
        }),
    );
    const answer = await handler(batchOf(message('quick'), message('slow')), contextFor(900));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  });
});
