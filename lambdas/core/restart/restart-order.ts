// Ordering a restart, and what the other files about restarts share: the look that is due, the restart in words.
import { withRecord } from '../health/incident.ts';
import type { Intent } from '../model/intents.ts';
import type { Restart, State } from '../model/state.ts';
import { type Context, type Step, strikeOff, withIntent, withState } from '../model/step.ts';
import { shortHash } from '../values/hash.ts';
import type { Rung } from './restart-guards.ts';
import { planOf } from './restart-plan.ts';

/** An order that has not begun after this long has failed. */
export const ORDER_TIMEOUT_MS = 15 * 60_000;
/** How many restart times are kept: more than any budget can ask about. */
const TIMES_KEPT = 100;

type Order = Rung &
  Pick<Restart, 'trigger' | 'by' | 'reason' | 'force'> &
  Partial<Pick<Restart, 'mode' | 'drainSeconds' | 'cascade' | 'cascadeOf'>>;

/** Orders a restart. The caller has checked the guards. */
export function orderRestart(context: Context, step: Step, order: Order): Step {
  const { service, now } = context;
  const { state } = step;
  const mode = order.mode ?? 'restart';
  const restart: Restart = {
    ...order,
    mode,
    ...planOf(service, { ...order, mode }),
    actIndex: 0,
    id: `rst-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${state.sequence}`,
    phase: 'preparing',
    priorHandle: state.restart?.priorHandle,
    orderedAt: now,
    touchedAt: now,
    deadlineAt: now + ORDER_TIMEOUT_MS,
  };
  const ordered = withState(step, {
    restart,
    sequence: state.sequence + 1,
    restartTimes: [...state.restartTimes, now].slice(-TIMES_KEPT),
    incident: state.incident && { ...state.incident, restarts: state.incident.restarts + 1 },
  });
  const handed = withIntent(context, ordered, { kind: 'restart', restartId: restart.id });
  // An order that was held before is tried again and again; saying so each time would bury the rest.
  if (wasRefused(state) && order.trigger === 'automatic') return handed;
  return withRecord(context, handed, {
    kind: 'restart_ordered',
    level: 'warning',
    message: `${describe(restart)} ordered: ${order.reason}`,
    restartId: restart.id,
    action: 'restart',
    actionResult: 'pending',
    details: { by: order.by, trigger: order.trigger, step: order.stepIndex + 1 },
  });
}

/** Whether the reason for not restarting is still that of the last order, which was held. */
export const wasRefused = ({ restart, incident }: State): boolean =>
  incident?.held !== undefined && restart?.outcome === `held: ${incident.held}`;

/** Whether an intent asks for a restart to be carried out, or continued. */
export const isOrder = (intent: Intent): boolean => intent.kind === 'restart';

/** Asks for a probe at `dueAt` (epoch ms); there is never more than one such intent. */
export function withLook(context: Context, step: Step, dueAt: number): Step {
  return withIntent(
    context,
    { ...step, state: strikeOff(step.state, (intent) => intent.kind === 'probe') },
    { kind: 'probe', dueAt },
  );
}

/** The restart in words: `restart by ECS redeploy of prod/billing`. */
export function describe({ step, mode }: Restart): string {
  return step.kind === 'ecs'
    ? `restart by ECS ${step.action} of ${step.cluster}/${step.service}`
    : `${mode} by ${step.document} on ${step.instanceIds.join(', ')}`;
}
