// Who receives what on the day: how many messages each kind of receiver gets, and what they are about.
import type { Notice } from '../../../lambdas/ports/alerts.ts';
import type { SimService } from '../world/sim-service.ts';

/** Messages by receiver: mail about everything, SMS about critical alerts, a chat for warnings and above. */
export type Received = Readonly<{ email: number; sms: number; chat: number }>;

type Document = Readonly<{ deduplicationKey: string; group: Readonly<{ alerts: readonly Document[] }> | null }> &
  Readonly<{ kind: string; service: Readonly<{ id: string }> | null }>;

export class Receivers {
  readonly received = { email: 0, sms: 0, chat: 0 };
  /** Keys of all alerts that somebody received, alone or in a group. */
  readonly keys = new Set<string>();
  /** Messages by kind. */
  readonly kinds = new Map<string, number>();

  hear(notice: Notice): void {
    this.received.email += 1;
    if (isFor(notice, ['critical'])) this.received.sms += 1;
    if (isFor(notice, ['warning', 'error', 'critical'])) this.received.chat += 1;
    for (const { deduplicationKey } of documentsIn(notice)) this.keys.add(deduplicationKey);
    const kind = String(notice.attributes['kind']);
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }
}

const documentsIn = ({ json }: Notice): readonly Document[] => {
  const document = JSON.parse(json) as Document;
  return document.group?.alerts ?? [document];
};

/** Whether a message is about a storm, or about one of these services. */
export const speaksOf = (notice: Notice, services: ReadonlySet<SimService>): boolean => {
  const ids = new Set([...services].map(({ key }) => key.id));
  return documentsIn(notice).some(({ kind, service }) => kind === 'storm' || (service !== null && ids.has(service.id)));
};

/** Decides as a filter policy of SNS would. */
const isFor = ({ attributes }: Notice, levels: readonly string[]): boolean =>
  [attributes['level'] ?? []].flat().some((level) => levels.includes(level));
