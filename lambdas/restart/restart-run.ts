// What the acts of a restart share: the message and what was read for it, reporting to the state, and sending the
// message again.
import type { RestartMessage } from '../contract/messages.ts';
import type { Report } from '../core/model/events.ts';
import type { Surroundings } from '../core/model/fleet.ts';
import type { RestartStep } from '../core/model/restart-spec.ts';
import type { Service } from '../core/model/service.ts';
import { type Restart, runningRestart } from '../core/model/state.ts';
import { orderId } from '../core/restart/restart-plan.ts';
import { type Changed, changeService } from '../flow/change-service.ts';
import { watchDependencies } from '../flow/dependencies.ts';
import { asNoted, type NotedPorts } from '../flow/surroundings.ts';
import type { Jitter } from '../ports/process.ts';
import type { RestartQueue } from '../ports/queues.ts';
import type { Restarter } from '../ports/restarter.ts';
import type { CascadePorts } from './cascade-step.ts';
import type { SlotPorts } from './take-slot.ts';

export type RestartPorts = CascadePorts &
  NotedPorts &
  SlotPorts &
  Readonly<{
    restarters: Readonly<Record<RestartStep['kind'], Restarter>>;
    queue: RestartQueue;
    jitter: Jitter;
  }>;

/** One message about one restart, as it was read. */
export type Run = Readonly<{
  message: RestartMessage;
  restart: Restart;
  service: Service;
  ports: RestartPorts;
  signal: AbortSignal;
}>;

/** Whether restarts are still wanted, at the last moment. */
export const around = async ({ service, ports, signal }: Run): Promise<Surroundings> =>
  await (
    await asNoted(ports, signal, watchDependencies(ports, signal))
  )(service);

/**
 * Sends the message again for when the state says. If nothing was written, it is a duplicate or the restart is over.
 */
export async function againWhenDue(run: Run, reported: Changed | undefined): Promise<void> {
  const restart = reported?.isChanged ? runningRestart(reported.step.state) : undefined;
  if (restart?.nextPollAt === undefined) return;
  await again(run, (restart.nextPollAt - run.ports.clock.now()) / 1000);
}

/** The order by which the present act is sent, and found again. */
export const orderOf = (restart: Restart) => ({
  restartId: orderId(restart),
  begunAt: restart.begunAt ?? restart.orderedAt,
  before: restart.before ?? '',
  reason: restart.reason,
});

/** Reports the outcome to the state, which decides. Undefined: the service is gone. */
export async function report(run: Run, what: Report): Promise<Changed | undefined> {
  const { message, restart, ports, signal } = run;
  const of = { restartId: restart.id, act: orderId(restart) };
  const event = { kind: 'reported', ...of, report: what, jitter: ports.jitter() } as const;
  return await changeService(message, [event], ports, { correlationId: message.correlationId, signal });
}

/** Lets the message come again. */
export function again({ message, ports, signal }: Run, delaySeconds: number): Promise<void> {
  const { tenant, id, restartId, correlationId } = message;
  return ports.queue.again({ key: { tenant, id }, restartId, correlationId }, delaySeconds, signal);
}
