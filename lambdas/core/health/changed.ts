// What changed in one step of a service, for the event bus. The change is attached to a record of that step, which is
// handed over anyway, so it costs neither an intent nor a write of its own. Health never changes without a record.
import type { Change } from '../model/conditions.ts';
import type { Intent } from '../model/intents.ts';
import { runningRestart, type State } from '../model/state.ts';
import { type Step, withState } from '../model/step.ts';
import type { RecordBody, RecordKind } from '../model/timeline.ts';

/**
 * The step with its change noted: of health, or of a restart's phase. A phase without a record in the timeline, as when
 * a held order is tried again, is not a change.
 */
export function withChange(before: State, step: Step): Step {
  const after = step.state;
  if (after === before || !hasChanged(before, after)) return step;
  const records = step.intents.flatMap((intent) =>
    intent.kind === 'record' && !before.intents.some(({ id }) => id === intent.id) ? [intent] : [],
  );
  const ofHealth = before.health === after.health ? undefined : records.findLast(isOfHealth);
  const best = ofHealth ?? records.at(-1);
  if (!best) return step;
  const told: Intent = { ...best, change: changeOf(before, after) };
  const noted = (intents: readonly Intent[]) => intents.map((intent) => (intent.id === told.id ? told : intent));
  return withState({ ...step, intents: noted(step.intents) }, { intents: noted(after.intents) });
}

const healthKinds: readonly RecordKind[] = ['healthy', 'degraded', 'unhealthy', 'recovered'];
/** Of several records of one step, the one that says how the service is. */
const isOfHealth = ({ record }: Readonly<{ record: RecordBody }>): boolean => healthKinds.includes(record.kind);

const hasPhase = (a: State['restart'], b: State['restart']) => a?.id === b?.id && a?.phase === b?.phase;
const hasChanged = (before: State, after: State): boolean =>
  before.health !== after.health || !hasPhase(before.restart, after.restart);

function changeOf(before: State, after: State): Change {
  const { restart } = after;
  const incident = after.incident ?? before.incident;
  const isAbout = runningRestart(after) !== undefined || !hasPhase(before.restart, restart);
  return {
    from: before.health,
    to: after.health,
    ...(incident && { incidentId: incident.id }),
    ...(restart &&
      isAbout && {
        restart: { id: restart.id, status: restart.phase, mode: restart.mode, trigger: restart.trigger },
      }),
  };
}
