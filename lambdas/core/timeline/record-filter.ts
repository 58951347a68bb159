// Which records of a timeline a caller wants to see. The table does not filter: what is read is bounded either way, and
// a rule in core can be tested without a table.
import type { AlertLevel } from '../model/service.ts';
import type { FailureType, RecordKind, TimelineRecord } from '../model/timeline.ts';

/** What is left out asks for nothing. Of several values of a list any will do; of several fields each must fit. */
export type RecordFilter = Readonly<{
  type?: readonly FailureType[] | undefined;
  kind?: readonly RecordKind[] | undefined;
  level?: readonly AlertLevel[] | undefined;
  tenant?: string | undefined;
  project?: string | undefined;
}>;

/** Whether the filter lets every record through, so that reading more than is shown would be in vain. */
export const isOpen = (filter: RecordFilter): boolean => Object.values(filter).every((asked) => asked === undefined);

export const isAskedFor = ({ type, kind, level, tenant, project }: RecordFilter, record: TimelineRecord): boolean =>
  (type === undefined || (record.failureType !== undefined && type.includes(record.failureType))) &&
  (kind === undefined || kind.includes(record.kind)) &&
  (level === undefined || level.includes(record.level)) &&
  (tenant === undefined || record.tenant === tenant) &&
  (project === undefined || record.project === project);
