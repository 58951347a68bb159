// The exported handler in a deployment with two probers: each gets the packs of its own services on its own queue.
import { afterAll, describe, expect, it } from 'vitest';

import { handler } from '../../lambdas/schedule/handler.ts';
import { openBench } from '../probe/bench.ts';
import { contextFor } from '../runtime/invoke.ts';

const { signal } = new AbortController();
const bench = await openBench();
afterAll(() => bench.stop());

describe('the schedule function with two probers', () => {
  it('sends to each queue the shards that hold something for its reader', async () => {
    await bench.stores.fleet.expectService(0, 60, signal, 'public');
    await bench.stores.fleet.expectService(1, 60, signal, 'private');
    const scheduledTime = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
    await handler({ scheduledTime }, contextFor());
    const shardsOf = (messages: Awaited<ReturnType<typeof bench.own>>) =>
      messages.map((message) => (message.kind === 'pack' ? message.shards.map(({ shard }) => shard) : message.kind));
    expect([shardsOf(await bench.own()), shardsOf(await bench.other())]).toEqual([[[0]], [[1]]]);
  });
});
