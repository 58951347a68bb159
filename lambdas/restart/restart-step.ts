// One step of one restart: begin it, send it once, or follow it. The queue is the timer. Every step can be cut off or
// doubled: the order is written before it is sent, and looked for before it is sent again.
import type { RestartMessage } from '../contract/messages.ts';
import type { Report } from '../core/events.ts';
import { maySend } from '../core/restart-machine.ts';
import { isPollDue } from '../core/restart-polls.ts';
import { isPermanent } from '../core/result.ts';
import { type Restart, runningRestart } from '../core/state.ts';
import { type Changed, type ChangePorts, changeService } from '../flow/change-service.ts';
import type { FleetStore, Jitter, Restarter, RestartQueue } from '../ports.ts';

export type RestartPorts = ChangePorts &
  Readonly<{
    restarters: Readonly<Record<Restart['step']['kind'], Restarter>>;
    queue: RestartQueue;
    /** Whether restarts are still wanted, at the last moment. */
    fleet: Pick<FleetStore, 'control'>;
    jitter: Jitter;
  }>;

/** Longer than the function's own timeout: whoever held the lease is gone when it is over. */
export const LEASE_MS = 20_000;

export async function restartStep(message: RestartMessage, ports: RestartPorts, signal: AbortSignal): Promise<void> {
  const stored = await ports.services.read(message, signal);
  const restart = stored && runningRestart(stored.state);
  if (!restart || restart.id !== message.restartId) return; // over, or the service is gone: as wanted
  const run = { message, restart, ports, signal };
  try {
    if (maySend(restart, ports.clock.now())) return await carryOut(run);
    if (restart.phase === 'restarting')
      return await (restart.handle === undefined ? again(run, 2) : follow(run, restart.handle));
  } catch (error) {
    if (!(error instanceof Hopeless)) throw error;
    await report(run, { kind: 'failed', reason: error.message });
  }
}

/** What restarts says that trying again cannot help. A fault of the table or a queue never means that. */
class Hopeless extends Error {
  override readonly name = 'Hopeless';
}

/** Asks what restarts; its permanent faults end the restart, all others let the message come again. */
async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isPermanent(error) ? new Hopeless(error.message, { cause: error }) : error;
  }
}

type Run = Readonly<{ message: RestartMessage; restart: Restart; ports: RestartPorts; signal: AbortSignal }>;

/** Begins, then sends, unless an earlier invocation that was cut off had sent it already. */
async function carryOut(run: Run): Promise<void> {
  const { restart, ports, signal } = run;
  const restarter = ports.restarters[restart.step.kind];
  const isFirst = restart.phase === 'preparing';
  const inspection = await ask(restarter.inspect(restart.step, signal, restart.priorHandle));
  if (inspection.kind === 'refused' && isFirst) return void (await report(run, inspection));
  const begun = await report(run, {
    kind: 'begun',
    before: inspection.kind === 'ready' ? inspection.identity : '',
    leaseUntil: ports.clock.now() + LEASE_MS,
    fleet: await ports.fleet.control(signal),
  });
  const mine = begun?.isChanged ? runningRestart(begun.step.state) : undefined;
  if (!mine) return; // somebody else has begun it, or it is not wanted any more
  const order = orderOf(mine);
  const found = isFirst ? undefined : await ask(restarter.find(restart.step, order, signal));
  // Whoever died before sending may have died long ago: what must not be restarted by now is left alone.
  if (found === undefined && inspection.kind === 'refused')
    return void (await report(run, { kind: 'failed', reason: inspection.reason }));
  const pin = inspection.kind === 'ready' ? inspection.pin : undefined;
  const handle = found ?? (await ask(restarter.send(restart.step, { ...order, pin }, signal)));
  await againWhenDue(run, await report(run, { kind: 'sent', handle, adopted: found !== undefined }));
}

async function follow(run: Run, handle: string): Promise<void> {
  const { restart, ports, signal } = run;
  if (!isPollDue(restart, ports.clock.now())) return; // another message looks after it
  const restarter = ports.restarters[restart.step.kind];
  const progress = await ask(restarter.look(restart.step, { ...orderOf(restart), handle }, signal));
  if (progress.kind !== 'running') return void (await report(run, progress));
  await againWhenDue(run, await report(run, { kind: 'progress' }));
}

/** Comes back when the state says so. Whoever could not write that is a double, or the restart is over. */
async function againWhenDue(run: Run, reported: Changed | undefined): Promise<void> {
  const restart = reported?.isChanged ? runningRestart(reported.step.state) : undefined;
  if (restart?.nextPollAt === undefined) return;
  await again(run, (restart.nextPollAt - run.ports.clock.now()) / 1000);
}

const orderOf = (restart: Restart) => ({
  restartId: restart.id,
  begunAt: restart.begunAt ?? restart.orderedAt,
  before: restart.before ?? '',
  reason: restart.reason,
});

async function report(run: Run, what: Report): Promise<Changed | undefined> {
  const { message, restart, ports, signal } = run;
  const event = { kind: 'reported', restartId: restart.id, report: what, jitter: ports.jitter() } as const;
  return await changeService(message, [event], ports, { correlationId: message.correlationId, signal });
}

function again({ message, ports, signal }: Run, delaySeconds: number): Promise<void> {
  const { tenant, id, restartId, correlationId } = message;
  return ports.queue.again({ key: { tenant, id }, restartId, correlationId }, delaySeconds, signal);
}
