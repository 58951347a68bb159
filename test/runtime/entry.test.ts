import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { entry, scheduled } from '../../lambdas/runtime/entry.ts';
import { contextFor } from './invoke.ts';

const noFinish = () => undefined;
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('a function', () => {
  it('is given the request id and a signal that has not fired', async () => {
    const seen: unknown[] = [];
    const handler = entry<string, void>(async (event, { signal, requestId }) => {
      seen.push(event, signal.aborted, requestId);
    }, noFinish);
    const context = contextFor();
    await handler('hello', context);
    expect(seen).toEqual(['hello', false, context.awsRequestId]);
  });

  it('sees its signal fire while there is time left to write and to answer', async () => {
    const context = contextFor(1_000);
    const handler = entry<void, number>(async (_, { signal }) => {
      await aborted(signal);
      return context.getRemainingTimeInMillis();
    }, noFinish);
    const left = await handler(undefined, context);
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThanOrEqual(810);
  });

  it('may close its work after the signal, and its own answer counts', async () => {
    const closed: string[] = [];
    const handler = entry<void, string>(
      async (_, { signal }) => {
        await aborted(signal);
        for (const part of ['row', 'count'])
          await new Promise<void>((resolve) => setImmediate(() => resolve(void closed.push(part))));
        return 'partly done';
      },
      () => void closed.push('metrics'),
    );
    expect(await handler(undefined, contextFor(900))).toBe('partly done');
    expect(closed).toEqual(['row', 'count', 'metrics']);
  });

  it('that does not heed its signal fails before Lambda would kill it', async () => {
    const context = contextFor(900);
    const handler = entry<void, void>(() => new Promise<void>(() => undefined), noFinish);
    await expect(handler(undefined, context)).rejects.toThrow('the function ran out of time');
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
  });

  it.each([
    ['ends well', () => Promise.resolve(), undefined],
    ['fails', () => Promise.reject(new Error('broken')), 'broken'],
  ])('flushes its metrics once when it %s', async (_, run, message) => {
    let flushed = 0;
    const handler = entry<void, void>(run, () => void (flushed += 1));
    const end = handler(undefined, contextFor());
    await (message === undefined ? end : expect(end).rejects.toThrow(message));
    expect(flushed).toBe(1);
  });
});

describe('a scheduled function', () => {
  const schema = z.object({ at: z.iso.datetime() });

  it('runs with its decoded event', async () => {
    const seen: unknown[] = [];
    await scheduled(
      schema,
      async (event) => void seen.push(event),
      noFinish,
    )({ at: '2026-01-05T08:00:00Z', more: 'of AWS' }, contextFor());
    expect(seen).toEqual([{ at: '2026-01-05T08:00:00Z' }]);
  });

  it('fails the invocation, and does not run, when its event cannot be decoded', async () => {
    let runs = 0;
    const handler = scheduled(schema, async () => void (runs += 1), noFinish);
    await expect(handler({ at: 'noon' }, contextFor())).rejects.toThrow(/"at"/);
    await expect(handler(undefined, contextFor())).rejects.toThrow();
    expect(runs).toBe(0);
  });

  it('fails the invocation when the flow fails, so that the error metric counts it', async () => {
    const handler = scheduled(schema, () => Promise.reject(new Error('no queue')), noFinish);
    await expect(handler({ at: '2026-01-05T08:00:00Z' }, contextFor())).rejects.toThrow('no queue');
  });
});
