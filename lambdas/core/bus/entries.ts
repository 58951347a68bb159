// The entries for the event bus, and their keys. Machines need neither groups nor quiet hours: each alert of a group is
// an entry of its own, put at once.
import { type BusDetailType, busDetailTypes } from '../../contract/event-bus.ts';
import { safeText } from '../alerts/bounded.ts';
import type { AlertDocument } from '../alerts/document.ts';
import { longest, serviceOf } from '../alerts/notice.ts';
import type { Change } from '../model/conditions.ts';
import type { Intent } from '../model/intents.ts';
import type { Service } from '../model/service.ts';
import { shortHash } from '../values/hash.ts';
import type { StateChangeDocument } from './state-change.ts';

/** Receivers drop duplicates by `key`, which is in the detail too. `detail` is JSON, `at` epoch ms. */
export type BusEntry = Readonly<{ key: string; type: BusDetailType; detail: string; at: number }>;

/** The entry of an alert: the same document that the topic sends to machines. */
export const alertEntry = (document: AlertDocument): BusEntry => ({
  key: document.deduplicationKey,
  type: busDetailTypes.alert,
  detail: JSON.stringify(document),
  at: Date.parse(document.at ?? document.detectedAt),
});

type Recorded = Extract<Intent, { kind: 'record' }>;

/** The entry of the state change on a record of the timeline; `undefined` for a record without one. */
export function changeEntry(service: Service, { id, at, record, change }: Recorded): BusEntry | undefined {
  if (!change) return undefined;
  const document = documentOf(service, change, record, at, id);
  const { deduplicationKey: key } = document;
  return { key, type: busDetailTypes.stateChange, detail: JSON.stringify(document), at };
}

/** A service that was removed and registered again numbers its intents from the start: the time tells them apart. */
function documentOf(
  service: Service,
  { from, to, incidentId, restart }: Change,
  { kind, level, message }: Recorded['record'],
  at: number,
  id: string,
): StateChangeDocument {
  return {
    version: 1,
    deduplicationKey: `change-${shortHash(service.tenant, service.id)}-${at.toString(36)}-${id}`,
    at: new Date(at).toISOString(),
    service: serviceOf(service),
    from,
    to,
    incidentId: incidentId ?? null,
    restart: restart ?? null,
    kind,
    level,
    message: safeText(message, longest.message),
  };
}
