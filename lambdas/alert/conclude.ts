// What follows when people were told: the entries are put on the event bus, intents that are done are struck off, and
// where one of the two failed it is noted that the other is done.
import type { AlertMessage } from '../contract/messages.ts';
import type { State } from '../core/model/state.ts';
import { type Cause, changeService } from '../flow/change-service.ts';
import type { AlertPorts, Carried } from './carry-out.ts';

/** Puts the entries on the bus; returns why it did not take some, by intent. */
export async function putOnBus(carried: readonly Carried[], { bus }: AlertPorts, signal: AbortSignal) {
  const entries = carried.flatMap(({ entry }) => entry ?? []);
  const refused = bus && entries.length > 0 ? await bus.put(entries, signal) : [];
  const reasons = new Map(refused.map(({ key, reason }) => [key, reason]));
  return new Map(
    carried.flatMap(({ intent, entry }) => {
      const reason = entry && reasons.get(entry.key);
      return reason === undefined ? [] : [[intent.id, reason] as const];
    }),
  );
}

/** Strikes off intents that are done, and notes those that are half done. What is left comes again. */
export async function conclude(
  message: AlertMessage,
  carried: readonly Carried[],
  refused: ReadonlyMap<string, string>,
  ports: AlertPorts,
  cause: Cause,
): Promise<void> {
  const idsOf = (isTold: boolean, isOnBus: boolean) =>
    carried
      .filter(({ intent, ...one }) => one.isTold === isTold && refused.has(intent.id) !== isOnBus)
      .map(({ intent }) => intent.id);
  const [done, toldOnly] = [idsOf(true, true), idsOf(true, false)];
  const onBusOnly = idsOf(false, true).filter((id) => carried.some(({ intent, entry }) => intent.id === id && entry));
  const events = [
    { kind: 'carried_out', intentIds: done },
    { kind: 'half_done', half: 'told', intentIds: toldOnly },
    { kind: 'half_done', half: 'on_bus', intentIds: onBusOnly },
  ] as const;
  const news = events.filter(({ intentIds }) => intentIds.length > 0);
  const changed = news.length > 0 ? await changeService(message, news, ports, cause) : undefined;
  const faults = carried.flatMap(({ isTold, fault }) => (isTold ? [] : [fault]));
  for (const id of toldOnly) {
    const reason = `the event bus did not take ${id}: ${refused.get(id)}`;
    const isIn = (state?: State) => state?.intents.some((intent) => intent.id === id);
    if (isIn(changed?.step.state)) faults.push(new Error(reason));
    // What was gone before was put on the bus by another delivery, or went with its service: no loss.
    else if (isIn(changed?.before))
      ports.log.error('given up', { tenant: message.tenant, serviceId: message.id, reason });
  }
  if (faults.length > 0)
    throw new AggregateError(faults, `${faults.length} of ${carried.length} were not carried out and come again`);
}
