// A cascade: the ordered restart of the services that depend on one that was restarted and verified (requirement O10),
// one level at a time. Each is an ordinary restart; the state of the first service holds the progress.
import { withRecord } from '../health/incident.ts';
import type { Cascaded, Sight } from '../model/events.ts';
import type { Service } from '../model/service.ts';
import { type Cascade, isPaused, type Restart, runningRestart, type State } from '../model/state.ts';
import { type Context, type Step, strikeOff, unchanged, withIntent, withState } from '../model/step.ts';
import type { RecordBody } from '../model/timeline.ts';
import { nextRung } from '../restart/restart-guards.ts';

/** How often the restarts of a level are looked at. */
const LOOK_EVERY_MS = 10_000;
/** How many orders by cascades a service remembers: more than can be under way at once. */
const KEPT = 20;

/** The restart that the cascade follows is over: if it was verified, its dependents are next. */
export function followWithCascade(context: Context, step: Step, restart: Restart): Step {
  if (restart.cascade !== true) return step;
  if (restart.phase !== 'completed')
    return withRecord(context, step, {
      ...about(restart.id, `what depends on it is not restarted: this restart was not verified`),
      kind: 'cascade_stopped',
      level: 'error',
    });
  const { id: restartId, by, reason, force } = restart;
  const cascade: Cascade = { restartId, by, reason, force, level: 0, nextAt: context.now };
  return withIntent(context, withState(step, { cascade }), { kind: 'cascade', restartId });
}

/** Whether its next look is due; a message that comes earlier is a duplicate and does nothing. */
export const isCascadeDue = ({ nextAt }: Cascade, now: number): boolean => now >= nextAt;

/** The services whose turn it is, by id. */
export const presentLevel = ({ levels, level }: Cascade): readonly string[] => levels?.[level] ?? [];

/** How far one service of the present level has come; `undefined`: it is not there any more. */
export function sightOf(
  { restartId }: Cascade,
  id: string,
  seen: Readonly<{ service: Service; state: State }> | undefined,
  now: number,
): Sight {
  if (!seen) return { service: id, outcome: 'passed_over', reason: 'it is not registered any more' };
  const { service, state } = seen;
  const running = runningRestart(state);
  if (running) return { service: id, outcome: 'under_way' };
  if (state.cascadedBy?.includes(restartId)) {
    const isIts = state.restart?.cascadeOf === restartId;
    // Another restart came after it: its outcome is what counts.
    const isWell = isIts ? state.restart?.phase === 'completed' : state.health !== 'unhealthy';
    return isWell
      ? { service: id, outcome: 'done' }
      : { service: id, outcome: 'failed', reason: (isIts && state.restart?.outcome) || 'it is unhealthy' };
  }
  if (isPaused(state, now)) return { service: id, outcome: 'passed_over', reason: 'it is paused' };
  if (!nextRung(service, state)) return { service: id, outcome: 'passed_over', reason: 'it has no restart steps' };
  return { service: id, outcome: 'waiting' };
}

/** The sight of a service after its restart was ordered: under way, unless the order was refused for good. */
export const sightAfter = ({ service }: Sight, refusal: Step['refusal']): Sight =>
  !refusal || refusal.code === 'RESTART_001'
    ? { service, outcome: 'under_way' }
    : { service, outcome: 'failed', reason: refusal.message };

/** Remembers a cascade's order, so that it counts once, however often it is given. */
export const withCascaded = (state: State, restartId: string): Partial<State> => ({
  cascadedBy: [...(state.cascadedBy ?? []), restartId].slice(-KEPT),
});

/** Takes in what was found. A report about a cascade that is over, or a level that is done, changes nothing. */
export function takeCascade(context: Context, state: State, { restartId, found }: Cascaded): Step {
  const { cascade } = state;
  if (cascade?.restartId !== restartId) return unchanged(state);
  if (found.kind === 'refused') return stopCascade(context, state, cascade, found.reason);
  if (found.kind === 'planned') return cascade.levels ? unchanged(state) : planned(context, state, cascade, found);
  if (found.level !== cascade.level || !isCascadeDue(cascade, context.now)) return unchanged(state);
  if (state.health === 'unhealthy' || runningRestart(state))
    return stopCascade(context, state, cascade, 'it is not well itself any more');
  const failed = found.sights.find(({ outcome }) => outcome === 'failed');
  if (failed) return stopCascade(context, state, cascade, `${failed.service} failed: ${failed.reason}`);
  const isOver = found.sights.every(({ outcome }) => outcome === 'done' || outcome === 'passed_over');
  return isOver
    ? nextLevel(context, state, cascade, found.sights)
    : unchanged(waiting(context, state, cascade, LOOK_EVERY_MS));
}

function planned(
  context: Context,
  state: State,
  cascade: Cascade,
  { levels }: Extract<Cascaded['found'], { kind: 'planned' }>,
): Step {
  const laid: Cascade = { ...cascade, levels: levels.map((level) => [...level]) };
  const order = levels.map((level) => level.join(' and ')).join(', then ');
  const recorded = withRecord(context, unchanged({ ...state, cascade: laid }), {
    ...about(
      cascade.restartId,
      levels.length > 0 ? `what depends on it is restarted: ${order}` : 'nothing depends on it',
    ),
    kind: 'cascade_begun',
    level: 'info',
    actionResult: 'pending',
  });
  return levels.length > 0 ? recorded : over(context, recorded, cascade, 'there was nothing more to restart');
}

function nextLevel(context: Context, state: State, cascade: Cascade, sights: readonly Sight[]): Step {
  const left = sights.filter(({ outcome }) => outcome === 'passed_over');
  const passedOver = [...(cascade.passedOver ?? []), ...left.map(({ service }) => service)];
  const next: Cascade = { ...cascade, level: cascade.level + 1, ...(left.length > 0 && { passedOver }) };
  const moved = unchanged(waiting(context, state, next, 0));
  const step = left.reduce(
    (before, { service, reason }) =>
      withRecord(context, before, {
        ...about(cascade.restartId, `${service} is passed over: ${reason}`),
        kind: 'cascade_passed_over',
        level: 'warning',
      }),
    moved,
  );
  return presentLevel(next).length > 0 ? step : over(context, step, next, ending(next));
}

/** The text at the end, which names the services that were skipped. */
function ending({ levels, passedOver = [] }: Cascade): string {
  const isNone = levels?.flat().length === passedOver.length;
  const done = isNone ? 'nothing that depends on it was restarted' : 'what depends on it was restarted, and verified';
  return passedOver.length === 0 ? done : `${done}; passed over: ${passedOver.join(', ')}`;
}

/** Sets the next look; a sign of life also puts off handing the cascade over again. */
function waiting({ now }: Context, state: State, cascade: Cascade, ms: number): State {
  return {
    ...state,
    cascade: { ...cascade, nextAt: now + ms },
    intents: state.intents.map((intent) => (intent.kind === 'cascade' ? { ...intent, handedAt: now } : intent)),
  };
}

function over(context: Context, step: Step, cascade: Cascade, how: string): Step {
  return withRecord(context, struck(step), {
    ...about(cascade.restartId, how),
    kind: 'cascade_completed',
    level: 'info',
    actionResult: 'success',
  });
}

/** Stops it early: services whose turn had not come are not restarted. */
export function stopCascade(context: Context, state: State, cascade: Cascade, reason: string): Step {
  const rest = (cascade.levels ?? []).slice(cascade.level + 1).flat();
  const left = rest.length > 0 ? `; not restarted: ${rest.join(', ')}` : '';
  return withRecord(context, struck(unchanged(state)), {
    ...about(cascade.restartId, `the restart of what depends on it is stopped: ${reason}${left}`),
    kind: 'cascade_stopped',
    level: 'error',
    actionResult: 'failed',
  });
}

const struck = (step: Step): Step =>
  withState({ ...step, state: strikeOff(step.state, ({ kind }) => kind === 'cascade') }, { cascade: undefined });

const about = (restartId: string, message: string): Pick<RecordBody, 'restartId' | 'message' | 'action'> => ({
  restartId,
  message,
  action: 'restart',
});
