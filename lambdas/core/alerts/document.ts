// The document of an alert for machines: version 1. All other forms are made from it, and the published schema
// (docs/schema/alert.v1.json) is generated from this one. Fields may be added; none changes its meaning.
import * as z from 'zod/mini';

import { alertKinds } from '../model/intents.ts';
import { alertLevels } from '../model/service.ts';
import { failureTypes } from '../model/timeline.ts';

/** Kinds of alerts of a service, and of notices that belong to none. */
export const documentKinds = [...alertKinds, 'storm', 'storm_over', 'group', 'sms_limit'] as const;
export type DocumentKind = (typeof documentKinds)[number];

const time = z.iso.datetime();
const maybeTime = z.nullable(time);
const maybeText = z.nullable(z.string());

/** A service as machines are told of it. */
export const serviceSchema = z.object({
  tenant: z.string(),
  id: z.string(),
  name: z.string(),
  project: maybeText,
  tags: z.record(z.string(), z.string()),
  /** Ids of what it depends on, within its tenant: by these the cause is told from what follows of it. */
  dependsOn: z.array(z.string()),
});

const entrySchema = z.object({
  kind: z.enum(documentKinds),
  level: z.enum(alertLevels),
  deduplicationKey: z.string(),
  headline: z.string(),
  message: z.string(),
  detectedAt: time,
  service: z.nullable(z.object({ tenant: z.string(), id: z.string(), name: z.string(), project: maybeText })),
});
/** One line of a group. */
export type GroupEntry = Readonly<z.infer<typeof entrySchema>>;

export const alertDocumentSchema = z.object({
  version: z.literal(1),
  kind: z.enum(documentKinds),
  level: z.enum(alertLevels),
  /** What happened to what, in a few words. */
  headline: z.string(),
  failureType: z.nullable(z.enum(failureTypes)),
  /** What receivers drop duplicates by. */
  deduplicationKey: z.string(),
  incidentId: maybeText,
  message: z.string(),
  /** When it was decided to tell people. */
  at: maybeTime,
  /** When the incident began. */
  detectedAt: time,
  resolvedAt: maybeTime,
  /** Restarts ordered in this incident. */
  restarts: z.int(),
  /** How it was seen: the cause of the last look, and what was said when the incident began. */
  cause: maybeText,
  seen: maybeText,
  /** Why nothing is restarted at the moment. */
  held: maybeText,
  /** Restarts of this incident that are over, oldest first. */
  tried: z.array(z.object({ what: z.string(), outcome: z.string(), at: time })),
  next: z.string(),
  /** What a restart would have destroyed, as it was read before. */
  evidence: maybeText,
  service: z.nullable(serviceSchema),
  storm: z.nullable(
    z.object({
      id: z.string(),
      group: z.string(),
      services: z.int(),
      failing: z.int(),
      /** Of a storm of the fleet: the projects and tags whose services are held with it. */
      within: z.optional(z.array(z.string())),
    }),
  ),
  group: z.nullable(
    z.object({
      since: time,
      until: time,
      /** All that came together, and of how many services; `alerts` holds the first of them, the cause first. */
      count: z.int(),
      services: z.int(),
      alerts: z.array(entrySchema),
      more: z.int(),
      /** Whom it concerns, for filters. */
      levels: z.array(z.enum(alertLevels)),
      tenants: z.array(z.string()),
      projects: z.array(z.string()),
      ids: z.array(z.string()),
      tags: z.array(z.string()),
    }),
  ),
  sms: z.nullable(z.object({ month: z.string(), limit: z.int(), sent: z.int() })),
  /** Addresses, or paths below the API where its address is not known. */
  links: z.object({ service: maybeText, events: maybeText, fleet: maybeText, runbook: z.string() }),
});
export type AlertDocument = Readonly<z.infer<typeof alertDocumentSchema>>;
