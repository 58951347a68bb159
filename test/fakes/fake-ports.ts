// Outbox and queues that put messages on the fake queues, as the adapters put them on SQS.
import type {
  AlertMessage,
  ProbeMessage,
  RestartMessage,
  StormMessage,
  WindowMessage,
} from '../../lambdas/contract/messages.ts';
import type { Outbox, ProbeQueue, RestartQueue, StormQueue, WindowQueue } from '../../lambdas/ports/queues.ts';
import type { FakeClock } from './fake-clock.ts';
import { FakeQueue } from './fake-queue.ts';

export type FakeQueues = Readonly<{
  probe: FakeQueue<ProbeMessage>;
  restart: FakeQueue<RestartMessage>;
  alert: FakeQueue<AlertMessage>;
  /** In AWS one queue with that of the alerts. */
  storm: FakeQueue<StormMessage>;
  /** Likewise. */
  window: FakeQueue<WindowMessage>;
}>;

export const fakeQueues = (clock: FakeClock): FakeQueues => ({
  probe: new FakeQueue(clock),
  restart: new FakeQueue(clock),
  alert: new FakeQueue(clock),
  storm: new FakeQueue(clock),
  window: new FakeQueue(clock),
});

export function fakeOutbox({ probe, restart, alert }: FakeQueues, clock: FakeClock): Outbox {
  return {
    async hand(handovers, correlationId) {
      for (const { key, intents } of handovers) {
        const common = { correlationId, tenant: key.tenant, id: key.id };
        const told = intents.filter(({ kind }) => kind === 'alert' || kind === 'record').map(({ id }) => id);
        if (told.length > 0) alert.send({ ...common, intentIds: told });
        for (const intent of intents) {
          if (intent.kind === 'restart' || intent.kind === 'cascade')
            restart.send({ ...common, restartId: intent.restartId });
          if (intent.kind === 'probe')
            probe.send(
              { kind: 'check', ...common, beat: intent.dueAt, intentId: intent.id },
              (intent.dueAt - clock.now()) / 1000,
            );
        }
      }
    },
  };
}

export const fakeProbeQueue = ({ probe }: FakeQueues): ProbeQueue => ({
  sendPacks: async (packs) => packs.forEach(({ message, delaySeconds }) => probe.send(message, delaySeconds)),
  sendCheck: async (message) => probe.send(message),
});

export const fakeRestartQueue = ({ restart }: FakeQueues): RestartQueue => ({
  again: async ({ key, restartId, correlationId }, delaySeconds) =>
    restart.send({ ...key, restartId, correlationId }, delaySeconds),
});

export const fakeStormQueue = ({ storm }: FakeQueues): StormQueue => ({
  tell: async (message, delaySeconds) => storm.send(message, delaySeconds),
});

export const fakeWindowQueue = ({ window }: FakeQueues): WindowQueue => ({
  look: async (message, delaySeconds) => window.send(message, Math.min(900, delaySeconds)),
});
