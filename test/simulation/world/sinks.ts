// Where things go: packed rows, timelines, SNS, and the queues behind the outbox. They keep only what the observer
// needs.
import type {
  AlertMessage,
  ProbeMessage,
  RestartMessage,
  StormMessage,
  WindowMessage,
} from '../../../lambdas/contract/messages.ts';
import type { AlertSink } from '../../../lambdas/ports/alerts.ts';
import type {
  Handover,
  Outbox,
  ProbeQueue,
  RestartQueue,
  StormQueue,
  WindowQueue,
} from '../../../lambdas/ports/queues.ts';
import type { ResultStore, Timeline } from '../../../lambdas/ports/timeline.ts';
import { CALM } from './chaos.ts';
import type { Invocation } from './invocation.ts';
import type { Queue } from './queue.ts';
import type { World } from './world.ts';

/** How long SNS may take, ms. */
const SNS_MS = 3_000;

export type Queues = Readonly<{
  probe: Queue<ProbeMessage>;
  restart: Queue<RestartMessage>;
  alert: Queue<Telling>;
}>;
/** The messages to the alert function. */
export type Telling = AlertMessage | StormMessage | WindowMessage;

export const outboxOf = ({ queues }: World, invocation: Invocation): Outbox => ({
  async hand(handovers, correlationId, signal) {
    const sends: (() => void)[] = handovers.flatMap((handover) =>
      messagesOf(handover, correlationId, queues, invocation),
    );
    // Each message may be refused by itself; the others are sent all the same.
    const ends = await Promise.allSettled(sends.map((send) => invocation.call(signal, true, send)));
    const refused = ends.find(({ status }) => status === 'rejected');
    if (refused?.status === 'rejected') throw refused.reason;
  },
});

function messagesOf({ key, intents }: Handover, correlationId: string, queues: Queues, { clock }: Invocation) {
  const common = { correlationId, tenant: key.tenant, id: key.id };
  const sends: (() => void)[] = [];
  const intentIds: string[] = [];
  for (const intent of intents) {
    if (intent.kind === 'restart' || intent.kind === 'cascade')
      sends.push(() => queues.restart.send({ ...common, restartId: intent.restartId }));
    else if (intent.kind === 'probe') {
      const delaySeconds = (intent.dueAt - clock.now()) / 1000;
      const check = { kind: 'check', ...common, beat: intent.dueAt, intentId: intent.id } as const;
      sends.push(() => queues.probe.send(check, delaySeconds));
    } else intentIds.push(intent.id);
  }
  if (intentIds.length > 0) sends.push(() => queues.alert.send({ ...common, intentIds }));
  return sends;
}

export const probeQueueOf = ({ queues }: World, invocation: Invocation): ProbeQueue => ({
  async sendPacks(packs, signal) {
    const send = ({ message, delaySeconds }: (typeof packs)[number]) =>
      invocation.call(signal, true, () => queues.probe.send(message, delaySeconds));
    const ends = await Promise.allSettled(packs.map(send));
    const refused = ends.find(({ status }) => status === 'rejected');
    if (refused?.status === 'rejected') throw refused.reason;
  },
  sendCheck: (message, signal) => invocation.call(signal, true, () => queues.probe.send(message)),
});

/** Restarts that stop tasks in rounds are few, so their polls come twice far more often than other messages do. */
export const restartQueueOf = (world: World, invocation: Invocation): RestartQueue => ({
  again: ({ key, restartId, correlationId }, delaySeconds, signal) =>
    invocation.call(signal, true, () => {
      const { queues, table, chaos, gale, stats } = world;
      const message = { ...key, restartId, correlationId };
      queues.restart.send(message, delaySeconds);
      const { step, handle } = table.itemOf(key)?.stored.state.restart ?? {};
      const isOfRounds = handle !== undefined && step?.kind === 'ecs' && step.action === 'stop-tasks';
      if (!isOfRounds || !gale.chance(10 * chaos.weather.double)) return;
      stats.injected('poll of stopped tasks doubled');
      queues.restart.send(message, delaySeconds + gale.int(0, 1));
    }),
});

/** News of storms is so rare that it comes twice far more often than other messages do, one soon after the other. */
export const stormQueueOf = ({ queues, chaos, gale, stats }: World, invocation: Invocation): StormQueue => ({
  tell: (message, delaySeconds, signal) =>
    invocation.call(signal, true, () => {
      queues.alert.send(message, delaySeconds);
      if (!gale.chance(10 * chaos.weather.double)) return;
      stats.injected('news of a storm doubled');
      queues.alert.send(message, delaySeconds + gale.int(0, 2));
    }),
});

export const windowQueueOf = ({ queues }: World, invocation: Invocation): WindowQueue => ({
  look: (message, delaySeconds, signal) =>
    invocation.call(signal, true, () => queues.alert.send(message, delaySeconds)),
});

export const resultsOf = ({ observer }: World, invocation: Invocation): ResultStore => ({
  saveRow: (row, _expiresAt, signal) => invocation.call(signal, true, () => observer.rowSaved(row)),
  rows: () => Promise.resolve([]),
});

export const timelineOf = ({ observer }: World, invocation: Invocation): Timeline => ({
  append: (record, _expiresAt, signal) => invocation.call(signal, true, () => observer.recorded(record, invocation)),
  events: () => Promise.resolve([]),
  fleetDay: () => Promise.resolve([]),
  fleetBetween: () => Promise.resolve([]),
  restarts: () => Promise.resolve([]),
});

/** SNS takes its time with the news of a storm, so that two invocations can tell it at the same time. */
export const alertSinkOf = ({ observer, chaos, gale, onNotice }: World, invocation: Invocation): AlertSink => ({
  async publish(notice, signal) {
    await invocation.call(signal, true, () => {
      observer.published(notice, invocation);
      for (const heard of onNotice) heard(notice);
    });
    if (String(notice.attributes['kind']).startsWith('storm') && chaos.weather !== CALM)
      await invocation.pause(gale.int(1, SNS_MS));
  },
});
