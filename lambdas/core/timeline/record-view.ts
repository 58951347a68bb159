// A record of a timeline as the API shows it (requirement H7).
import type { TimelineRecord } from '../model/timeline.ts';
import { isoTime } from '../values/iso-time.ts';
import { csvLine } from './csv.ts';

/** What a record does not have is left out, but for the times of its incident, which are null. */
export function recordView({ at, intentId, tenant, id, detectedAt, resolvedAt, details, ...rest }: TimelineRecord) {
  return {
    at: isoTime(at),
    recordId: intentId,
    tenant,
    service: id,
    ...rest,
    ...(details && { details: detailsView(details) }),
    detectedAt: isoTime(detectedAt),
    resolvedAt: isoTime(resolvedAt),
  };
}

/** Names of details that are times: `orderedAt`, `failingSince`, `until`. */
const TIMES = /(?:At|Since|^until)$/;

/** They are kept as epoch ms, and shown as all other times are. */
const detailsView = (details: NonNullable<TimelineRecord['details']>) =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      TIMES.test(name) && typeof value === 'number' ? isoTime(value) : value,
    ]),
  );

/** Columns of an exported table, in this order; new ones come at the end. */
const columns = [
  ...(['at', 'recordId', 'tenant', 'service', 'project', 'kind', 'level', 'failureType', 'message'] as const),
  ...(['action', 'actionResult', 'detectedAt', 'resolvedAt', 'incidentId', 'restartId', 'details'] as const),
] as const;

export const exportFormats = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The line above all others, where the format has one. */
export const headLine = (format: ExportFormat): string => (format === 'csv' ? csvLine(columns) : '');

/** One record, with the end of its line. In CSV `details` is JSON, and what there is not is empty. */
export function exportLine(record: TimelineRecord, format: ExportFormat): string {
  const view = recordView(record);
  if (format === 'ndjson') return `${JSON.stringify(view)}\n`;
  const { details } = view;
  const cells = { ...view, details: details && JSON.stringify(details) };
  return csvLine(columns.map((column) => cells[column] ?? ''));
}
