// One act of one restart: it waits for its turn, is begun and sent, or is followed. The queue is the timer.
import type { RestartMessage } from '../contract/messages.ts';
import { runningRestart } from '../core/model/state.ts';
import { isActing, maySend } from '../core/restart/restart-begin.ts';
import { currentStep } from '../core/restart/restart-plan.ts';
import { isPollDue } from '../core/restart/restart-polls.ts';
import { redact } from '../core/values/redact.ts';
import { ask, Hopeless } from './ask-restarter.ts';
import { carryOut } from './carry-out.ts';
import { cascadeStep } from './cascade-step.ts';
import { again, againWhenDue, around, orderOf, report, type RestartPorts, type Run } from './restart-run.ts';
import { takeSlot } from './take-slot.ts';

export async function restartStep(message: RestartMessage, ports: RestartPorts, signal: AbortSignal): Promise<void> {
  const stored = await ports.services.read(message, signal);
  const cascade = stored?.state.cascade;
  if (stored && cascade?.restartId === message.restartId)
    return await cascadeStep(stored, cascade, message.correlationId, ports, signal);
  const restart = stored && runningRestart(stored.state);
  if (!restart || restart.id !== message.restartId) return; // over, or the service is gone: as wanted
  const run = { message, restart, service: stored.service, ports, signal };
  try {
    if (maySend(restart, ports.clock.now())) return await inTurn(run);
    if (isActing(restart) && restart.handle !== undefined) return await follow(run, restart.handle);
    // Another invocation is about to send it. An act that may not be sent any more ends when its time is over.
    if (isActing(restart) && ports.clock.now() < (restart.leaseUntil ?? 0)) return await again(run, 2);
  } catch (error) {
    if (!(error instanceof Hopeless)) throw error;
    const { message: reason, isInDoubt } = error;
    if (error.isRefusal) await report(run, { kind: 'refused', reason, isBegun: true });
    else await report(run, { kind: 'failed', reason, ...(isInDoubt && { isInDoubt }) });
  }
}

/** Carries it out, or lets it wait in its queue while too many others are under way. */
async function inTurn(run: Run): Promise<void> {
  const { message, restart, ports, signal } = run;
  if (!isPollDue(restart, ports.clock.now())) return; // it waits, and another message looks after it
  if (await takeSlot(message, restart, ports, signal)) return await carryOut(run);
  const reason = `as many restarts are under way in the fleet as may be: ${ports.maxRestarts}`;
  await againWhenDue(run, await report(run, { kind: 'waiting', reason, fleet: await around(run) }));
}

/** Polls what was sent, when that is due. */
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
