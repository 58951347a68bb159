// How every flow changes a service: read, advance, write on condition of the version, hand the intents on. The loser of
// a race reads and advances again; a crash behind the write is mended by a later round, because the intents stand in
// the item.
import { advance } from '../core/health/advance.ts';
import type { ServiceEvent } from '../core/model/events.ts';
import type { State } from '../core/model/state.ts';
import type { Step } from '../core/model/step.ts';
import { unchanged } from '../core/model/step.ts';
import type { Clock, Log } from '../ports/process.ts';
import type { Outbox } from '../ports/queues.ts';
import type { ServiceKey, ServiceStore, Stored } from '../ports/service-store.ts';

export type ChangePorts = Readonly<{ services: ServiceStore; outbox: Outbox; clock: Clock; log: Log }>;
/** What it came to, and what from; `isChanged` when this call wrote. */
export type Changed = Readonly<{ step: Step; before: State; isChanged: boolean }>;
export type Cause = Readonly<{ correlationId: string; signal: AbortSignal }>;

/** For events that have no consequences: whoever uses it needs no right to any queue. */
export const noOutbox: Outbox = {
  hand: () => Promise.reject(new TypeError('an event without consequences had some')),
};

/** For consequences that can wait for the next round, which hands over what nobody has carried out. */
export const leftToRounds: Outbox = { hand: () => Promise.resolve() };

/** Races lost in a row after which the work is left to a later delivery. */
const ATTEMPTS = 10;

/** Applies events to a service, in one write; `undefined` when there is no such service. */
export async function changeService(
  key: ServiceKey,
  events: readonly ServiceEvent[],
  ports: ChangePorts,
  cause: Cause,
  known?: Stored,
): Promise<Changed | undefined> {
  let stored = known;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    stored ??= await ports.services.read(key, cause.signal);
    if (!stored) return undefined;
    const step = advanceAll(stored, events, ports.clock.now());
    if (step.state === stored.state) return { step, before: stored.state, isChanged: false };
    if (await ports.services.saveState(stored, step.state, cause.signal)) {
      report(key, step, ports.log, cause.correlationId);
      if (step.intents.length > 0)
        await ports.outbox.hand([{ key, intents: step.intents }], cause.correlationId, cause.signal);
      return { step, before: stored.state, isChanged: true };
    }
    stored = undefined;
  }
  throw new Error(`${key.tenant}/${key.id} changed ${ATTEMPTS} times while it was being written`);
}

function advanceAll(stored: Stored, events: readonly ServiceEvent[], now: number): Step {
  return events.reduce<Step>((before, event) => {
    const next = advance(stored.service, before.state, event, now);
    return before.intents.length === 0 ? next : { ...next, intents: [...before.intents, ...next.intents] };
  }, unchanged(stored.state));
}

/** State changes go to the log; checks that change nothing do not. */
function report({ tenant, id }: ServiceKey, step: Step, log: Log, correlationId: string): void {
  for (const intent of step.intents) {
    if (intent.kind !== 'record') continue;
    const { kind, message, level, incidentId, restartId } = intent.record;
    // Not `service` and `level`: the log keeps those for itself, and drops a detail of that name.
    const what = { change: kind, changeLevel: level, incidentId, restartId, correlationId };
    log.info(message, { tenant, serviceId: id, ...what });
  }
}
