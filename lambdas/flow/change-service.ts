// How every flow changes a service: read, advance, write on condition of the version, hand the intents on. The loser of
// a race reads and advances again; after a crash behind the write, a later round hands the intents on, because they are
// in the item.
import { advance } from '../core/health/advance.ts';
import type { ServiceEvent } from '../core/model/events.ts';
import type { State } from '../core/model/state.ts';
import type { Step } from '../core/model/step.ts';
import { unchanged } from '../core/model/step.ts';
import type { Clock, Log } from '../ports/process.ts';
import type { Outbox } from '../ports/queues.ts';
import type { ServiceKey, ServiceStore, Stored } from '../ports/service-store.ts';

export type ChangePorts = Readonly<{ services: ServiceStore; outbox: Outbox; clock: Clock; log: Log }>;
/** The result, and the state before it; `isChanged` when this call wrote. */
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
): Promise<Changed | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await ports.services.read(key, cause.signal);
    if (!stored) return undefined;
    const step = advanceAll(stored, events, ports.clock.now());
    const isChanged = step.state !== stored.state;
    if (!isChanged || (await write(stored, step, ports, cause))) return { step, before: stored.state, isChanged };
  }
  throw new Error(`${key.tenant}/${key.id} changed ${ATTEMPTS} times while it was being written`);
}

/**
 * The same for a service that was read already, and is read again only when that turns out to be stale. If nothing
 * changes the answer is immediate: most services stay as they were, and must cost no more than their probe.
 */
export function changeKnown(
  stored: Stored,
  events: readonly ServiceEvent[],
  ports: ChangePorts,
  cause: Cause,
): Changed | Promise<Changed | undefined> {
  const step = advanceAll(stored, events, ports.clock.now());
  if (step.state === stored.state) return { step, before: stored.state, isChanged: false };
  return writeOrAgain(stored, step, events, ports, cause);
}

async function writeOrAgain(
  stored: Stored,
  step: Step,
  events: readonly ServiceEvent[],
  ports: ChangePorts,
  cause: Cause,
): Promise<Changed | undefined> {
  if (await write(stored, step, ports, cause)) return { step, before: stored.state, isChanged: true };
  return await changeService(stored.service, events, ports, cause);
}

/** Writes, and hands on the intents; false when another writer was faster, and nothing was done. */
async function write(
  stored: Stored,
  step: Step,
  { services, outbox, log }: ChangePorts,
  { correlationId, signal }: Cause,
): Promise<boolean> {
  if (!(await services.saveState(stored, step.state, signal))) return false;
  const { tenant, id } = stored.service;
  report(stored.service, step, log, correlationId);
  if (step.intents.length > 0)
    await outbox.hand([{ key: { tenant, id }, intents: step.intents }], correlationId, signal);
  return true;
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
