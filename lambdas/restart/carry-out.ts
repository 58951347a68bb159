// The beginning of one act: looked at, begun under a lease, and sent once. It can be cut off or doubled: its order is written
// before it is sent, and looked for before it is sent again.
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

/** Longer than the function's own timeout: whoever held the lease is gone when it is over. */
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

/** Whether somebody had begun the restart itself, and may have sent it. */
const mayBeSent = (restart: Restart): boolean =>
  restart.begunAt !== undefined && restart.handle === undefined && currentAct(restart).kind === 'restart';

/** What somebody has begun and not sent: the guards were asked then, and may say something else by now. */
async function isStillWanted(run: Run, fleet: Surroundings): Promise<boolean> {
  const asked = await report(run, { kind: 'unsent', fleet });
  return asked !== undefined && !asked.isChanged;
}

/** Whether the act may be sent. Before anything at all is begun, whether the restart itself may: no hook runs in vain. */
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
