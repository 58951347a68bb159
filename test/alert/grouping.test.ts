// Alerts that come together, on the embedded engine and a real local queue: the first goes out at once, the others in one
// message, and no death, double delivery or race loses one.
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createDynamoAlertWindows } from '../../lambdas/adapters/dynamo-alert-windows.ts';
import { createSqsWindowQueue } from '../../lambdas/adapters/sqs-window-queue.ts';
import { tellAlert } from '../../lambdas/alert/tell-alert.ts';
import { CLAIM_MS } from '../../lambdas/alert/tell-ports.ts';
import { tellWindow } from '../../lambdas/alert/tell-window.ts';
import type { AlertDocument } from '../../lambdas/core/alerts/document.ts';
import { noWindows } from '../../lambdas/core/alerts/group.ts';
import { mostInGroup } from '../../lambdas/core/alerts/group-notice.ts';
import type { AlertWindows, Notice } from '../../lambdas/ports/alerts.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { fakeWindowQueue } from '../fakes/fake-ports.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { type Endpoint, makeQueue, startEndpoint } from '../local/queue-endpoint.ts';
import { documentFor } from '../make/alerts.ts';
import { Crash, type Death } from '../scenario/invocation.ts';
import { cause, keysIn, telling } from './telling.ts';

const { signal } = new AbortController();
const place = { tenant: 'default', project: 'erp' };
const alert = (id: string, more: Parameters<typeof documentFor>[1] = {}): AlertDocument => documentFor(id, more);

describe('alerts that come together', () => {
  it('go out as the first at once and one group at the end of the window', async () => {
    const { tell, published, settle, clock, metrics } = telling();
    await tell(alert('a'));
    expect(published).toHaveLength(1);
    await tell(alert('b', { level: 'error' }));
    await tell(alert('c'));
    expect(published).toHaveLength(1);
    await settle();
    expect(published.map(keysIn)).toEqual([['inc-a:unhealthy'], ['inc-b:unhealthy', 'inc-c:unhealthy']]);
    expect(published[1]?.attributes).toMatchObject({ kind: 'group', level: ['error', 'warning'], project: 'erp' });
    expect(clock.now()).toBeGreaterThanOrEqual(START + 60_000);
    expect(metrics.values).toEqual({ AlertsWarning: [1, 1], AlertsError: [1], AlertsGrouped: [2] });
  });

  it('are one message from the first on when they can wait', async () => {
    const { tell, published, settle } = telling();
    for (const id of ['a', 'b', 'c']) await tell(alert(id), true);
    expect(published).toEqual([]);
    await settle();
    expect(published.map(keysIn)).toEqual([['inc-a:unhealthy', 'inc-b:unhealthy', 'inc-c:unhealthy']]);
  });

  it('are told within the window and a second', async () => {
    const { tell, published, deliver, clock } = telling();
    await tell(alert('a'));
    await tell(alert('b'));
    clock.pass(61_000);
    await deliver();
    expect(published).toHaveLength(2);
  });

  it('are one alert as it is when only one follows', async () => {
    const { tell, published, settle } = telling();
    await tell(alert('a'));
    await tell(alert('b'));
    await settle();
    expect(published[1]?.attributes).toMatchObject({ kind: 'unhealthy', service: 'b' });
  });

  it('leave what is critical alone, which goes out at once', async () => {
    const { tell, published } = telling();
    await tell(alert('a'));
    await tell(alert('b', { level: 'critical' }));
    expect(published.map(keysIn)).toEqual([['inc-a:unhealthy'], ['inc-b:unhealthy']]);
  });

  it('are one message a window as long as they go on, and at once again after a calm one', async () => {
    const { tell, published, settle, clock, deliver } = telling();
    for (const id of ['a', 'b']) await tell(alert(id));
    clock.pass(61_000);
    await deliver();
    await tell(alert('c'));
    expect(published).toHaveLength(2);
    await settle();
    clock.pass(120_000);
    await tell(alert('d'));
    expect(published.map((notice) => keysIn(notice).length)).toEqual([1, 1, 1, 1]);
  });

  it('are told before the end when they are too many', async () => {
    const { tell, published, settle } = telling();
    for (let at = 0; at < mostInGroup + 3; at += 1) await tell(alert(`s${at}`));
    expect(published.map((notice) => keysIn(notice).length)).toEqual([1, mostInGroup]);
    await settle();
    expect(published.flatMap(keysIn)).toHaveLength(mostInGroup + 3);
    expect(new Set(published.flatMap(keysIn)).size).toBe(mostInGroup + 3);
  });

  it('stay apart by project and tenant, as filters part them', async () => {
    const { tell, published } = telling();
    await tell(alert('a'));
    const other = alert('b');
    await tell({ ...other, service: { ...other.service!, project: 'shop' } });
    await tell({ ...alert('c'), service: { ...other.service!, tenant: 'acme' } });
    expect(published).toHaveLength(3);
  });

  it('are not told a second time when a delivery comes again, however late', async () => {
    const { tell, published, settle } = telling();
    for (const id of ['a', 'b', 'c', 'b']) await tell(alert(id));
    await settle();
    await tell(alert('b'));
    await settle();
    expect(published.flatMap(keysIn)).toEqual(['inc-a:unhealthy', 'inc-b:unhealthy', 'inc-c:unhealthy']);
  });

  it('wait for the end of quiet hours, however far that is', async () => {
    const quietHours = { from: '12:00', to: '18:00', timeZone: 'UTC', levels: ['warning'] as const };
    const { tell, published, settle, clock, queues } = telling(undefined, {
      groupMs: 60_000,
      quietHours: { ...quietHours, levels: [...quietHours.levels] },
    });
    for (const id of ['a', 'b', 'c']) await tell(alert(id));
    await tell(alert('d', { level: 'error' }));
    expect(published.map(keysIn)).toEqual([['inc-d:unhealthy']]);
    clock.pass(3_600_000);
    expect(queues.window.messages.length).toBeLessThanOrEqual(3);
    await settle();
    expect(published[1] && keysIn(published[1])).toHaveLength(3);
    expect(clock.now()).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 5, 18));
    expect(clock.now()).toBeLessThan(Date.UTC(2026, 0, 5, 18, 10));
  });

  it('go out one by one where nothing is grouped', async () => {
    const { tell, published } = telling(undefined, { groupMs: 0 });
    for (const id of ['a', 'b', 'c']) await tell(alert(id));
    expect(published).toHaveLength(3);
  });

  it('go out rather than be late when every race is lost', async () => {
    const lost: AlertWindows = { ...fakeStores(1).windows, save: async () => false };
    const { tell, published } = telling(lost);
    await tell(alert('a'));
    expect(published).toHaveLength(1);
  });

  it('do not wait for one that cannot be decoded', async () => {
    const { windows } = fakeStores(1);
    const group = { id: 'w1', since: START, until: START, held: { a: '{}', b: JSON.stringify(alert('b')) } };
    await windows.save(place, { ...noWindows, version: 1, group }, signal);
    const { published, log, queues, settle } = telling(windows);
    await fakeWindowQueue(queues).look({ kind: 'window', correlationId: 'c1', ...place, windowId: 'w1' }, 0, signal);
    await settle();
    expect(published.flatMap(keysIn)).toEqual(['inc-b:unhealthy']);
    expect(JSON.stringify(log)).toContain('cannot be decoded');
  });
});

/** Five alerts, the window, and one alert later; whoever is killed is tried again as the queue would. */
async function story(death?: Death, windows?: AlertWindows) {
  const set = telling(windows, { groupMs: 60_000 }, death);
  const tell = async (id: string) => {
    const once = () =>
      set.tell(alert(id)).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Crash) return false;
          throw error;
        },
      );
    if (await once()) return;
    set.clock.pass(90_000); // it comes again when its visibility is over
    await set.deliver();
    expect(await once()).toBe(true);
  };
  for (const id of ['a', 'b', 'c', 'd']) await tell(id);
  await set.settle();
  set.clock.pass(200_000);
  await tell('e');
  await set.settle();
  return set;
}

describe('a death at any side effect', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'].map((id) => `inc-${id}:unhealthy`);
  const deathsOf = (effects: number): Death[] =>
    Array.from({ length: effects }, (_, at) => [
      { at, when: 'before' } as const,
      { at, when: 'after' } as const,
    ]).flat();

  async function check(whole: number, every: number, open: () => Promise<AlertWindows> | AlertWindows) {
    for (const death of deathsOf(whole).filter((_, index) => index % every === 0)) {
      const { published, story: told } = await story(death, await open());
      const label = `killed ${death.when} ${told.names[death.at]} (${death.at})`;
      expect(told.lastWords, label).toBeDefined();
      expect([...new Set(published.flatMap(keysIn))].sort(), label).toEqual(ids);
      // Twice only in the one window there is: SNS has taken it, and nobody could note that.
      const wasTaken = told.lastWords?.at(-1) === 'sink.publish';
      if (!wasTaken) expect(published.flatMap(keysIn), label).toHaveLength(ids.length);
      expect(published.length, label).toBeLessThanOrEqual(6);
    }
  }

  it('loses nothing, and doubles only what SNS had taken', async () => {
    const { story: told, published } = await story();
    expect(published.map(keysIn).map(({ length }) => length)).toEqual([1, 3, 1]);
    await check(told.names.length, 1, () => fakeStores(1).windows);
  });

  it('loses nothing on the embedded engine either', async () => {
    const engine = await startEngine();
    try {
      const open = async () => createDynamoAlertWindows((await engine.freshTable()).table);
      const { story: told } = await story(undefined, await open());
      await check(told.names.length, 5, open);
    } finally {
      await engine.stop();
    }
  });
});

describe('many at once', () => {
  let engine: Engine;
  let endpoint: Endpoint;
  beforeAll(async () => void ([engine, endpoint] = await Promise.all([startEngine(), startEndpoint()])));
  afterAll(async () => void (await Promise.all([engine.stop(), endpoint.stop()])));
  let windows: AlertWindows;
  beforeEach(async () => void (windows = createDynamoAlertWindows((await engine.freshTable()).table)));

  it('are all told, once each, with a real table and a real queue', async () => {
    const queueUrl = await makeQueue(endpoint.sqs, 'alert');
    const queue = createSqsWindowQueue({ client: endpoint.sqs, alertQueueUrl: queueUrl });
    const clock = fakeClock();
    const published: Notice[] = [];
    const sink = { publish: async (notice: Notice) => void published.push(notice) };
    const grouping = {
      windows,
      queue: { ...queue, look: (message: Parameters<typeof queue.look>[0]) => queue.look(message, 0, signal) },
      rules: { groupMs: 60_000 },
    };
    const ports = { clock, sink, log: fakeLog(), metrics: fakeMetrics(), grouping };
    const ids = Array.from({ length: 20 }, (_, at) => `s${at}`);
    await Promise.all(ids.map((id) => tellAlert(alert(id), ports, cause)));
    expect(published.flatMap(keysIn).length).toBeLessThan(10);
    clock.pass(61_000);
    const { Messages = [] } = await endpoint.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    const bodies = Messages.map(({ Body = '' }) => JSON.parse(Body) as Parameters<typeof tellWindow>[0]);
    expect(bodies.length).toBeGreaterThan(5);
    await Promise.all(bodies.map((body) => tellWindow(body, ports, signal)));
    const keys = published.flatMap(keysIn);
    expect(new Set(keys)).toEqual(new Set(ids.map((id) => `inc-${id}:unhealthy`)));
    expect(keys).toHaveLength(ids.length);
  });

  it('who tell one group at once publish it once, and whoever dies is followed when he must be gone', async () => {
    const set = telling(windows);
    for (const id of ['a', 'b', 'c']) await set.tell(alert(id));
    set.clock.pass(61_000);
    const [message] = set.queues.window.messages;
    const refusing = { publish: () => Promise.reject(new Error('SNS did not take it')) };
    const grouping = { windows, queue: fakeWindowQueue(set.queues), rules: { groupMs: 60_000 } };
    const broken = { clock: set.clock, sink: refusing, log: fakeLog(), metrics: fakeMetrics(), grouping };
    await expect(tellWindow(message!.body, broken, signal)).rejects.toThrow('SNS did not take it');
    await set.deliver();
    expect(set.published).toHaveLength(1);
    set.clock.pass(CLAIM_MS);
    await set.settle();
    expect(set.published.map(keysIn).map(({ length }) => length)).toEqual([1, 2]);
  });

  it('are told of later though every try has failed for an hour', async () => {
    const set = telling(windows);
    for (const id of ['a', 'b']) await set.tell(alert(id));
    const grouping = { windows, queue: fakeWindowQueue(set.queues), rules: { groupMs: 60_000 } };
    const refusing = { publish: () => Promise.reject(new Error('SNS did not take it')) };
    const broken = { clock: set.clock, sink: refusing, log: fakeLog(), metrics: fakeMetrics(), grouping };
    const end = START + 3_600_000;
    while (set.clock.now() < end) {
      set.clock.set(set.queues.window.nextAt());
      const message = set.queues.window.receive()!;
      // Every message is given up after its first try.
      await tellWindow(message.body, broken, signal).catch(() => undefined);
      set.queues.window.done(message);
      expect(set.queues.window.messages.length).toBe(1);
    }
    await set.settle();
    expect(set.published.flatMap(keysIn)).toEqual(['inc-a:unhealthy', 'inc-b:unhealthy']);
  });
});
