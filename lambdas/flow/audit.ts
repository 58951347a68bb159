// How a request leaves its trace: its entry is written before anything is changed, so that no change can be without
// one, and completed afterwards under the same key.
import { ASKED, type AuditAction, type AuditChanges, type AuditEntry } from '../core/model/audit.ts';
import type { Clock } from '../ports/process.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import type { AuditLog } from '../ports/timeline.ts';

export type AuditPorts = Readonly<{ audit: AuditLog; clock: Clock }>;
/**
 * Who acts, for the log and the audit, and the id that everything that follows carries. `requestId` is one that the
 * caller cannot choose; it is left out if that is true of `correlationId` itself.
 */
export type Author = Readonly<{
  by: string;
  correlationId: string;
  signal: AbortSignal;
  requestId?: string | undefined;
}>;
export type Asking = Readonly<{
  action: AuditAction;
  /** Left out for the fleet, and where the request named no service that could exist. */
  subject?: ServiceKey | undefined;
  user?: string | undefined;
  reason?: string | undefined;
  asked?: AuditEntry['asked'];
}>;
export type OpenEntry = Readonly<{
  /** Adds the outcome; doing it twice is the same as once. */
  close(outcome: string, changes?: AuditChanges): Promise<void>;
}>;

/** Writes the entry that it was asked. Only when this has resolved may anything be changed. */
export async function openEntry(asking: Asking, ports: AuditPorts, author: Author): Promise<OpenEntry> {
  const entry = entryOf(asking, ports, author, ASKED);
  await ports.audit.write(entry, author.signal);
  return {
    close: (outcome, changes) =>
      ports.audit.write(
        { ...entry, outcome, ...(changes && { ...changes, changed: [...changes.changed] }) },
        author.signal,
      ),
  };
}

/** For what is refused before anything could have changed: one write. */
export const noteRefusal = (asking: Asking, code: string, ports: AuditPorts, author: Author): Promise<void> =>
  ports.audit.write(entryOf(asking, ports, author, code), author.signal);

function entryOf(
  { action, subject, ...said }: Asking,
  { clock }: AuditPorts,
  author: Author,
  outcome: string,
): AuditEntry {
  const { by, correlationId, requestId = correlationId } = author;
  return { at: clock.now(), entryId: requestId, action, ...subject, caller: by, ...said, correlationId, outcome };
}
