// Query parameters of timelines: which records, from when, and in which format.
import * as z from 'zod/mini';

import { alertLevels } from '../core/model/service.ts';
import { failureTypes, recordKinds } from '../core/model/timeline.ts';
import { exportFormats } from '../core/timeline/record-view.ts';
import { before, isTime, limit, ofFleet, tenant } from './schemas.ts';

/** An ISO time in the query; epoch ms once decoded. */
const time = z.pipe(
  z.string().check(z.refine(isTime, 'must be a time such as 2026-01-31T12:00:00Z')),
  z.transform((text: string) => Date.parse(text)),
);
/**
 * One of these names, or several separated by commas. API Gateway joins a parameter that comes twice in the same way.
 */
const anyOf = <T extends string>(names: readonly T[]) => {
  const known = (text: string): readonly T[] | undefined => {
    const asked = text.split(',').map((one) => names.find((name) => name === one.trim()));
    return asked.every((one) => one !== undefined) ? asked : undefined;
  };
  const fits = z.refine<string>(
    (text) => known(text) !== undefined,
    `must be one or several, with commas between them, of ${names.join(', ')}`,
  );
  return z.optional(
    z.pipe(
      z.string().check(fits),
      z.transform((text: string) => known(text) ?? []),
    ),
  );
};
const filters = {
  from: z.optional(time).check(z.describe('not what is older than this time')),
  to: z.optional(time).check(z.describe('only what is older than this time')),
  type: anyOf(failureTypes).check(z.describe(`any of these failure types: ${failureTypes.join(', ')}`)),
  kind: anyOf(recordKinds).check(z.describe(`any of these kinds: ${recordKinds.join(', ')}`)),
  level: anyOf(alertLevels).check(z.describe(`any of these levels: ${alertLevels.join(', ')}`)),
};
const format = z._default(z.enum(exportFormats), 'ndjson').check(z.describe('a JSON document a line, or a table'));

type Span = { from?: number | undefined; to?: number | undefined };
const isAfter = ({ from, to }: Span) => from === undefined || to === undefined || from < to;
const afterFrom = z.refine<Span>(isAfter, { path: ['to'], error: 'must be later than from' });

const eventsOf = { limit: limit(500, 50), before, ...filters };
export const eventsQuery = z.strictObject({ tenant, ...eventsOf }).check(afterFrom);
export const fleetEventsQuery = z.strictObject({ ...ofFleet, ...eventsOf }).check(afterFrom);
const exportOf = { ...eventsOf, format, limit: limit(5_000, 1_000) };
export const exportQuery = z.strictObject({ tenant, ...exportOf }).check(afterFrom);
export const fleetExportQuery = z.strictObject({ ...ofFleet, ...exportOf }).check(afterFrom);
