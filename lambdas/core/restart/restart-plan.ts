// What a restart does, in order: the hook before it, validation and backup of the configuration, the wait for requests
// in flight, the step itself, the hook after it; and the way back when it cannot be verified. Fixed when it is ordered.
import type { Service } from '../model/service.ts';
import type { Act, ActKind, Restart } from '../model/state.ts';

/** The acts of a restart by this step, and those of its recovery. */
export function planOf(
  { restart }: Service,
  { step, mode, force }: Pick<Restart, 'step' | 'mode' | 'force'>,
): Pick<Restart, 'acts' | 'recovery'> {
  const { before, after, configuration, drain, rollback } = restart;
  const isReload = mode === 'reload';
  const acts = [
    act('before', before),
    act('validate', configuration?.validate),
    act('backup', configuration?.backup),
    drain && !force && !isReload ? { kind: 'drain' as const } : undefined,
    act('restart', step),
    act('after', after),
  ];
  const recovery = [act('restore', configuration?.restore), act('rollback', isReload ? undefined : rollback)];
  return { acts: acts.filter((one) => one !== undefined), recovery: recovery.filter((one) => one !== undefined) };
}

const act = (kind: ActKind, step: Act['step']): Act | undefined => step && { kind, step };

/** The present act. A restart that was stored before there were acts has only the one of its step. */
export const currentAct = ({ acts, actIndex, step }: Restart): Act => acts[actIndex] ?? { kind: 'restart', step };

/** The step that is sent now; none while requests are waited for. */
export const currentStep = (restart: Restart): Restart['step'] => currentAct(restart).step ?? restart.step;

/** Whether the step makes ECS start a new deployment; stopped tasks are replaced within the present one. */
export const isDeployment = (step: Restart['step']): boolean => step.kind === 'ecs' && step.action !== 'stop-tasks';

/**
 * The id that tells the order of one act from those of the others. A restart that was stored before there were acts has
 * one order, which was sent under the restart's own id.
 */
export const orderId = ({ id, phase, acts, actIndex }: Restart): string =>
  acts.length === 0 ? id : `${id}-${phase === 'recovering' ? 'r' : 'a'}${actIndex}`;

/** Whether nothing was sent before the present act: waiting for requests sends nothing. */
export const isFirstToSend = ({ phase, acts, actIndex }: Restart): boolean =>
  phase !== 'recovering' && acts.slice(0, actIndex).every(({ kind }) => kind === 'drain');

/** The act that undoes the `before` hook of a step that was not sent; undefined if none ran, or nothing can undo it. */
export const undoingAct = ({ acts, actIndex }: Restart): Act | undefined =>
  acts.slice(0, actIndex).some(({ kind }) => kind === 'before') ? acts.find(({ kind }) => kind === 'after') : undefined;

/** Whether the restart does nothing more than undo the hook before a step that was not sent. */
export const isUndoing = ({ phase, acts }: Restart): boolean => phase === 'recovering' && acts[0]?.kind === 'after';

/** The code that people are told for an act that failed (requirement K8). */
export const codeOf = (kind: ActKind): string | undefined => codes[kind];
const codes: Partial<Record<ActKind, string>> = { backup: 'RESTART_003', validate: 'RESTART_004' };

/** Whether a person cancelled it while an act was under way: it waits for the end of that act, and sends nothing. */
export const isTakenBack = (restart: Restart): restart is CancelledRestart =>
  restart.cancelledBy !== undefined && restart.phase === 'preparing';
/** A restart that a person has cancelled. */
export type CancelledRestart = Restart & Readonly<{ cancelledBy: string }>;

/**
 * The phase in which an act is carried out. The hook that ends a restart whose step was not sent is on the way back.
 */
export const phaseIn = ({ held, failure, cancelledBy }: Restart, kind: ActKind): Restart['phase'] =>
  kind === 'after' && [held, failure, cancelledBy].some((why) => why !== undefined) ? 'recovering' : phaseOf[kind];

export const phaseOf: Readonly<Record<ActKind, Restart['phase']>> = {
  before: 'preparing',
  validate: 'preparing',
  backup: 'preparing',
  drain: 'waiting_requests',
  restart: 'restarting',
  after: 'restarting',
  restore: 'recovering',
  rollback: 'recovering',
};
