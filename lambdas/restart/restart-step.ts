// One act of one restart: begin it, send it once, or follow it. The queue is the timer. Every act can be cut off or
// doubled: its order is written before it is sent, and looked for before it is sent again.
import type { RestartMessage } from '../contract/messages.ts';
import type { Report } from '../core/model/events.ts';
import type { Surroundings } from '../core/model/fleet.ts';
import type { ImageRule, RestartStep } from '../core/model/restart-spec.ts';
import type { Service } from '../core/model/service.ts';
import { type Restart, runningRestart } from '../core/model/state.ts';
import { isActing, maySend } from '../core/restart/restart-begin.ts';
import { currentAct, currentStep, isFirstToSend, orderId } from '../core/restart/restart-plan.ts';
import { isPollDue } from '../core/restart/restart-polls.ts';
import { isBeforeStep, isFresh } from '../core/restart/restart-wanted.ts';
import { isPermanent } from '../core/result.ts';
import { redact } from '../core/values/redact.ts';
import { type Changed, changeService } from '../flow/change-service.ts';
import { watchDependencies } from '../flow/dependencies.ts';
import { asNoted, type NotedPorts } from '../flow/surroundings.ts';
import type { Jitter } from '../ports/process.ts';
import type { RestartQueue } from '../ports/queues.ts';
import type { Inspection, Restarter } from '../ports/restarter.ts';
import { type CascadePorts, cascadeStep } from './cascade-step.ts';
import { EVIDENCE_MS, gatherEvidence } from './gather-evidence.ts';
import { type SlotPorts, takeSlot } from './take-slot.ts';

export type RestartPorts = CascadePorts &
  NotedPorts &
  SlotPorts &
  Readonly<{
    restarters: Readonly<Record<RestartStep['kind'], Restarter>>;
    queue: RestartQueue;
    jitter: Jitter;
  }>;

/** Longer than the function's own timeout: whoever held the lease is gone when it is over. */
export const LEASE_MS = 20_000;

export async function restartStep(message: RestartMessage, ports: RestartPorts, signal: AbortSignal): Promise<void> {
  const stored = await ports.services.read(message, signal);
  const cascade = stored?.state.cascade;
  if (stored && cascade?.restartId === message.restartId)
    return await cascadeStep(stored, cascade, message.correlationId, ports, signal);
  const restart = stored && runningRestart(stored.state);
  if (!restart || restart.id !== message.restartId) return; // over, or the service is gone: as wanted
  const { service } = stored;
  const run = { message, restart, service, otherImages: service.restart.otherImages, ports, signal };
  try {
    if (maySend(restart, ports.clock.now())) return await inTurn(run);
    if (isActing(restart) && restart.handle !== undefined) return await follow(run, restart.handle);
    // Somebody else is about to send it. What nobody may send any more ends by its time.
    if (isActing(restart) && ports.clock.now() < (restart.leaseUntil ?? 0)) return await again(run, 2);
  } catch (error) {
    if (!(error instanceof Hopeless)) throw error;
    const { message: reason, isInDoubt } = error;
    await report(run, { kind: 'failed', reason, ...(isInDoubt && { isInDoubt }) });
  }
}

/** What restarts says that trying again cannot help. A fault of the table or a queue never means that. */
class Hopeless extends Error {
  override readonly name = 'Hopeless';
  readonly isInDoubt: boolean;
  constructor(cause: Error, isInDoubt: boolean) {
    super(cause.message, { cause });
    this.isInDoubt = isInDoubt;
  }
}

/**
 * Asks what restarts; its permanent faults end the restart, all others let the message come again. `isInDoubt`: until it has
 * answered nobody knows whether the restart was sent.
 */
async function ask<T>(answer: Promise<T>, isInDoubt = false): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isPermanent(error) ? new Hopeless(error, isInDoubt) : error;
  }
}

/** Whether somebody had begun the restart itself, and may have sent it. */
const mayBeSent = (restart: Restart): boolean =>
  restart.begunAt !== undefined && restart.handle === undefined && currentAct(restart).kind === 'restart';

type Run = Readonly<{
  message: RestartMessage;
  restart: Restart;
  service: Service;
  otherImages: ImageRule;
  ports: RestartPorts;
  signal: AbortSignal;
}>;

/** Carries it out, or lets it wait in its queue while too many others are under way. */
async function inTurn(run: Run): Promise<void> {
  const { message, restart, ports, signal } = run;
  if (!isPollDue(restart, ports.clock.now())) return; // it waits, and another message looks after it
  if (await takeSlot(message, restart, ports, signal)) return await carryOut(run);
  const reason = `${ports.maxRestarts} restarts are under way in the fleet, which is as many as may be`;
  await againWhenDue(run, await report(run, { kind: 'waiting', reason, fleet: await around(run) }));
}

/** Whether restarts are still wanted, at the last moment. */
const around = async ({ service, ports, signal }: Run): Promise<Surroundings> =>
  await (
    await asNoted(ports, signal, watchDependencies(ports, signal))
  )(service);

/** Begins the present act, then sends it, unless an earlier invocation that was cut off had sent it already. */
async function carryOut(run: Run): Promise<void> {
  const { restart, ports, signal } = run;
  const inspection = await inspect(run);
  if (inspection.kind === 'refused' && isBeforeStep(restart)) return void (await report(run, inspection));
  const isFirst = restart.begunAt === undefined;
  const fleet = await around(run);
  const begun = await report(run, {
    kind: 'begun',
    before: inspection.kind === 'ready' ? inspection.identity : '',
    leaseUntil: ports.clock.now() + LEASE_MS,
    fleet,
  });
  const mine = begun?.isChanged ? runningRestart(begun.step.state) : undefined;
  // Somebody else has begun it, it is not wanted any more (and may be undone by another act), or the prober waits for
  // requests under way first.
  if (!mine || !isActing(mine) || orderId(mine) !== orderId(restart)) return;
  const step = currentStep(mine);
  const restarter = ports.restarters[step.kind];
  const order = orderOf(mine);
  const found = isFirst ? undefined : await ask(restarter.find(step, order, signal), mayBeSent(restart));
  // Something was begun, so it is not held as if it had never been ordered; but what must not be sent by now is not.
  if (found === undefined && inspection.kind === 'refused')
    return void (await report(run, { kind: 'failed', reason: inspection.reason }));
  if (found === undefined && !isFirst && !(await isStillWanted(run, fleet))) return;
  const pin = inspection.kind === 'ready' ? inspection.pin : undefined;
  if (found === undefined) await lookBack(run, mine);
  const handle = found ?? (await ask(restarter.send(step, { ...order, pin }, signal)));
  await againWhenDue(run, await report(run, { kind: 'sent', handle, adopted: found !== undefined }));
}

/** What somebody has begun and not sent: the guards were asked then, and may say something else by now. */
async function isStillWanted(run: Run, fleet: Surroundings): Promise<boolean> {
  const asked = await report(run, { kind: 'unsent', fleet });
  return asked !== undefined && !asked.isChanged;
}

/** Whether the act may be sent. Before anything at all is begun, whether the restart itself may: no hook runs in vain. */
async function inspect({ restart, otherImages, ports, signal }: Run): Promise<Inspection> {
  const { priorHandle } = restart;
  const look = (step: RestartStep) =>
    ask(ports.restarters[step.kind].inspect(step, signal, priorHandle, otherImages), mayBeSent(restart));
  const act = currentAct(restart);
  if (!isFresh(restart) || act.kind === 'restart') return await look(currentStep(restart));
  const main = await look(restart.step);
  return main.kind === 'refused' || act.kind === 'drain' ? main : await look(currentStep(restart));
}

/** Reports what the restart would destroy, once: before the first thing that it sends. */
async function lookBack(run: Run, mine: Restart): Promise<void> {
  if (mine.hasEvidence || !isFirstToSend(mine)) return;
  const { ports, signal } = run;
  const { step } = mine;
  const text = await gatherEvidence((ending) => ports.restarters[step.kind].evidence(step, ending), {
    ...{ log: ports.log, signal, withinMs: EVIDENCE_MS },
  });
  if (text !== undefined) await report(run, { kind: 'evidence', text });
}

async function follow(run: Run, handle: string): Promise<void> {
  const { restart, ports, signal } = run;
  if (!isPollDue(restart, ports.clock.now())) return; // another message looks after it
  const step = currentStep(restart);
  const order = orderOf(restart);
  const sent = { ...order, handle, sentAt: restart.sentAt ?? order.begunAt };
  const progress = await ask(ports.restarters[step.kind].look(step, sent, signal));
  if (progress.kind !== 'running') return void (await report(run, progress));
  const evidence = progress.evidence === undefined ? undefined : redact(progress.evidence);
  await againWhenDue(run, await report(run, { kind: 'progress', evidence }));
}

/** Comes back when the state says so. Whoever could not write that is a double, or the restart is over. */
async function againWhenDue(run: Run, reported: Changed | undefined): Promise<void> {
  const restart = reported?.isChanged ? runningRestart(reported.step.state) : undefined;
  if (restart?.nextPollAt === undefined) return;
  await again(run, (restart.nextPollAt - run.ports.clock.now()) / 1000);
}

const orderOf = (restart: Restart) => ({
  restartId: orderId(restart),
  begunAt: restart.begunAt ?? restart.orderedAt,
  before: restart.before ?? '',
  reason: restart.reason,
});

async function report(run: Run, what: Report): Promise<Changed | undefined> {
  const { message, restart, ports, signal } = run;
  const of = { restartId: restart.id, act: orderId(restart) };
  const event = { kind: 'reported', ...of, report: what, jitter: ports.jitter() } as const;
  return await changeService(message, [event], ports, { correlationId: message.correlationId, signal });
}

function again({ message, ports, signal }: Run, delaySeconds: number): Promise<void> {
  const { tenant, id, restartId, correlationId } = message;
  return ports.queue.again({ key: { tenant, id }, restartId, correlationId }, delaySeconds, signal);
}
