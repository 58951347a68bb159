// The index of targets follows the registrations. It may have entries too many, because its readers check each service
// itself; it must never miss one for long.
import type { Registration } from '../core/model/service.ts';
import { movedTargets, targetsOf } from '../core/rounds/targets.ts';
import type { ServiceKey, ServiceStore, TargetIndex } from '../ports/service-store.ts';

export type TargetPorts = Readonly<{ services: ServiceStore; targets: TargetIndex }>;

/** Before a document is written: from then on its events find the service. */
export const announceTargets = (document: Registration, { targets }: TargetPorts, signal: AbortSignal): Promise<void> =>
  targets.point(document, targetsOf(document), signal);

/** After a document was written or removed: deletes the entries that only the document before it needed. */
export async function settleTargets(
  key: ServiceKey,
  before: Registration | undefined,
  after: Registration | undefined,
  ports: TargetPorts,
  signal: AbortSignal,
): Promise<void> {
  const { gone, fresh } = movedTargets(before, after);
  if (gone.length + fresh.length === 0) return;
  await ports.targets.unpoint(key, gone, signal);
  // Of two registrations at once, each may have deleted what the other announced: the entries that the service needs
  // now are written again.
  const now = await ports.services.read(key, signal);
  const named = now ? targetsOf(now.document) : [];
  const struck = named.filter((target) => gone.includes(target) || fresh.includes(target));
  await ports.targets.point(key, struck, signal);
}
