// The beginning of one act: inspected, begun under a lease, and sent once. The invocation may be cut off or doubled, so
// the order is written before it is sent, and looked for before it is sent again.
import type { Surroundings } from '../core/model/fleet.ts';
import type { RestartStep } from '../core/model/restart-spec.ts';
import { type Restart, runningRestart } from '../core/model/state.ts';
import { isActing } from '../core/restart/restart-begin.ts';
import { currentAct, currentStep, isFirstToSend, orderId } from '../core/restart/restart-plan.ts';
import { isBeforeStep, isFresh } from '../core/restart/restart-wanted.ts';
import type { Inspection } from '../ports/restarter.ts';
import { ask } from './ask-restarter.ts';
import { EVIDENCE_MS, gatherEvidence } from './gather-evidence.ts';
import { againWhenDue, around, orderOf, report, type Run } from './restart-run.ts';

/** Longer than the function's own timeout: the invocation that held the lease is gone when it is over. */
export const LEASE_MS = 20_000;

/** Begins the present act, then sends it, unless an earlier invocation that was cut off had sent it already. */
export async function carryOut(run: Run): Promise<void> {
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
  // Another invocation has begun it, it is not wanted any more (and another act may undo it), or the prober first waits
  // for requests in flight.
  if (!mine || !isActing(mine) || orderId(mine) !== orderId(restart)) return;
  const step = currentStep(mine);
  const restarter = ports.restarters[step.kind];
  const order = orderOf(mine);
  const found = isFirst ? undefined : await ask(restarter.find(step, order, signal), mayBeSent(restart));
  // Something was begun, so it cannot be held as if it had never been ordered; but an act that must not be sent is not
  // sent.
  if (found === undefined && inspection.kind === 'refused')
    return void (await report(run, { kind: 'failed', reason: inspection.reason }));
  if (found === undefined && !isFirst && !(await isStillWanted(run, fleet))) return;
  const pin = inspection.kind === 'ready' ? inspection.pin : undefined;
  if (found === undefined) await lookBack(run, mine);
  const handle = found ?? (await ask(restarter.send(step, { ...order, pin }, signal)));
  await againWhenDue(run, await report(run, { kind: 'sent', handle, adopted: found !== undefined }));
}

/** Whether the step itself was begun before, and so may have been sent. */
const mayBeSent = (restart: Restart): boolean =>
  restart.begunAt !== undefined && restart.handle === undefined && currentAct(restart).kind === 'restart';

/** For an act that was begun but not sent: the guards allowed it then, but may not any more. */
async function isStillWanted(run: Run, fleet: Surroundings): Promise<boolean> {
  const asked = await report(run, { kind: 'unsent', fleet });
  return asked !== undefined && !asked.isChanged;
}

/** Whether the act may be sent. Before the first act it asks whether the step may: no hook runs in vain. */
async function inspect({ restart, service, ports, signal }: Run): Promise<Inspection> {
  const { priorHandle } = restart;
  const look = (step: RestartStep) =>
    ask(
      ports.restarters[step.kind].inspect(step, signal, priorHandle, service.restart.otherImages),
      mayBeSent(restart),
    );
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
