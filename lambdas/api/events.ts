// What was seen and done, for one service or the whole fleet, newest first, as a page or as a file. Records outlive
// their service.
import { decode } from '../core/faults.ts';
import type { RecordFilter } from '../core/timeline/record-filter.ts';
import { exportLine, headLine, recordView } from '../core/timeline/record-view.ts';
import { parsePlace, type Place, placeText } from '../core/values/place.ts';
import { eventsQuery, exportQuery, fleetEventsQuery, fleetExportQuery } from './event-schemas.ts';
import { fleetRecords, type RecordPage, recordPage, serviceRecords } from './record-pages.ts';
import { type ApiAnswer, type ApiPorts, type ApiRequest, invalid, ok, type Route } from './request.ts';

const DAY_MS = 86_400_000;
/** Clocks of functions differ, so a record may have a time that is still to come here. */
const AHEAD_MS = 300_000;
/** How long records may remain after their retention: DynamoDB takes up to two days to delete them. */
const LINGERS_MS = 3 * DAY_MS;
/** The last moment that a key can name, in epoch ms. */
const END_OF_TIME = 9_999_999_999_999;
/** An answer of a Lambda function may have 6 MB, and the file is a JSON string in it. */
const MOST_BYTES = 4_500_000;

type Asked = Readonly<{
  limit: number;
  before?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}> &
  RecordFilter;
type Ask = Readonly<{ request: ApiRequest; ports: ApiPorts; signal: AbortSignal }>;

/** `GET /services/{id}/events`: what was seen and done, in order. */
export const getEvents: Route = async (request, ports, signal) => {
  const query = decode(eventsQuery, request.query);
  return query.kind === 'faulty'
    ? invalid(query.faults)
    : listed(await ofService(query.value, { request, ports, signal }));
};

/** `GET /events`: the same for all services together. */
export const getFleetEvents: Route = async (request, ports, signal) => {
  const query = decode(fleetEventsQuery, request.query);
  return query.kind === 'faulty'
    ? invalid(query.faults)
    : listed(await ofFleet(query.value, { request, ports, signal }));
};

/** `GET /services/{id}/events/export`: the same as a file. */
export const getEventsExport: Route = async (request, ports, signal) => {
  const query = decode(exportQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const page = await ofService(query.value, { request, ports, signal });
  return exported(page, query.value, `events-${query.value.tenant}-${request.id ?? ''}`);
};

/** `GET /events/export`: the records of the whole fleet as a file. */
export const getFleetEventsExport: Route = async (request, ports, signal) => {
  const query = decode(fleetExportQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  return exported(await ofFleet(query.value, { request, ports, signal }), query.value, 'events');
};

function ofService({ tenant, ...asked }: Asked & { tenant: string }, { request, ports, signal }: Ask) {
  const source = serviceRecords(ports.timeline, { tenant, id: request.id ?? '' }, asked.from);
  return pageFrom(source, asked, END_OF_TIME, signal);
}

/** For the fleet, days beyond the retention are not searched. */
function ofFleet(asked: Asked, { ports, signal }: Ask) {
  const now = ports.clock.now();
  const oldest = Math.max(0, now - ports.retentionMs - LINGERS_MS);
  const source = fleetRecords(ports.timeline, Math.max(asked.from ?? 0, oldest));
  return pageFrom(source, asked, now + AHEAD_MS, signal);
}

type Found = RecordPage & Readonly<{ placeOf: (record: RecordPage['records'][number]) => Place }>;

async function pageFrom(
  source: Parameters<typeof recordPage>[0],
  { limit, before, to = Infinity, type, kind, level, ...rest }: Asked,
  end: number,
  signal: AbortSignal,
): Promise<Found> {
  const upTo = Math.min(to, end);
  const place = before === undefined ? undefined : parsePlace(before);
  const start = place && place.at < upTo ? place : { at: upTo };
  const { tenant, project } = rest;
  const page = await recordPage(source, { start, limit, filter: { type, kind, level, tenant, project } }, signal);
  return { ...page, placeOf: source.placeOf };
}

const textOf = (place: Place | undefined) => (place === undefined ? null : placeText(place));

const listed = ({ records, next }: Found): ApiAnswer =>
  ok({ events: records.map(recordView), nextBefore: textOf(next) });

const types = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

/** The header line of the table is in the first file only, so that the files of a loop can be joined. */
function exported(
  { records, next, placeOf }: Found,
  { format, before }: { format: keyof typeof types; before?: string | undefined },
  name: string,
): ApiAnswer {
  const head = before === undefined ? headLine(format) : '';
  const lines: string[] = [];
  let bytes = 0;
  for (const record of records) {
    const line = exportLine(record, format);
    bytes += new TextEncoder().encode(JSON.stringify(line)).length;
    if (bytes > MOST_BYTES && lines.length > 0) break;
    lines.push(line);
  }
  const last = records[lines.length - 1];
  const rest = last && lines.length < records.length ? placeOf(last) : next;
  const file = `${name.replace(/[^a-z0-9-]/g, '_')}.${format}`;
  return {
    status: 200,
    text: head + lines.join(''),
    headers: {
      'content-type': types[format],
      'content-disposition': `attachment; filename="${file}"`,
      ...(rest && { 'x-next-before': placeText(rest) }),
    },
  };
}
