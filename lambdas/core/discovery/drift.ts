// Where ECS and the registrations differ, as a run of discovery saw it. One bounded item, replaced by every run.
import * as z from 'zod/mini';

/**
 * `gone`: a registration would restart a service that does not exist. `untagged`: a registration came from tags that do
 * not exist any more. `faulty_tag`: a tag cannot be followed. `conflict`: a tag is not followed, because something else
 * is registered. `unregistered`: a service runs but is not registered.
 */
const driftKinds = ['gone', 'untagged', 'faulty_tag', 'conflict', 'unregistered'] as const;

const entrySchema = z.object({
  kind: z.enum(driftKinds),
  cluster: z.string(),
  service: z.string(),
  /** The registration that it is about. */
  tenant: z.optional(z.string()),
  id: z.optional(z.string()),
  tag: z.optional(z.string()),
  message: z.string(),
  /** Since when every run has seen it (epoch ms). */
  since: z.number(),
});
type DriftEntry = Readonly<z.infer<typeof entrySchema>>;
/** What one run finds; it cannot know since when. */
export type Finding = Omit<DriftEntry, 'since'>;

export const driftSchema = z.object({
  /** When it was seen (epoch ms). */
  at: z.number(),
  clusters: z.array(
    z.object({
      cluster: z.string(),
      services: z.int(),
      /** Why the cluster could not be read to its end; nothing is said of it then. */
      fault: z.optional(z.string()),
    }),
  ),
  entries: z.array(entrySchema),
  /** How many more there were than one item should hold. */
  leftOut: z.int(),
});
export type Drift = Readonly<z.infer<typeof driftSchema>>;

/** Some hundred bytes each: far from the 400 kB that an item may have. */
const MOST_ENTRIES = 200;
/** Runs are five minutes apart. One that is doubled or tried again sooner confirms nothing. */
const CONFIRMED_AFTER_MS = 240_000;

/** Whether the run before saw the same, some minutes ago: twice in a row, and not one run that came twice. */
export function isConfirmed(finding: Finding, before: Drift | undefined, now: number): boolean {
  const since = sinceOf(finding, before);
  return since !== undefined && now - since >= CONFIRMED_AFTER_MS;
}

/** What is written down of a run; what comes first in `findings` is kept when there is too much. */
export function driftOf(
  run: Pick<Drift, 'at' | 'clusters'>,
  findings: readonly Finding[],
  before: Drift | undefined,
): Drift {
  const kept = findings.slice(0, MOST_ENTRIES);
  return {
    ...run,
    entries: kept.map((finding) => ({ ...finding, since: sinceOf(finding, before) ?? run.at })),
    leftOut: findings.length - kept.length,
  };
}

const sinceOf = (finding: Finding, before: Drift | undefined): number | undefined =>
  before?.entries.find((entry) => identityOf(entry) === identityOf(finding))?.since;

const identityOf = ({ kind, cluster, service, tenant, id, tag }: Finding): string =>
  JSON.stringify([kind, cluster, service, tenant, id, tag]);

/** Two and a half runs: a single missed run is not yet a problem. */
const LATE_AFTER_MS = 750_000;

/** What `GET /drift` shows. `off` and `not_run_yet` say why there is nothing to show. */
export function driftView(drift: Drift | undefined, clusters: readonly string[], now: number) {
  if (clusters.length === 0 || !drift)
    return {
      status: clusters.length === 0 ? 'off' : 'not_run_yet',
      seenAt: null,
      clusters: [],
      entries: [],
      leftOut: 0,
    };
  return {
    status: now - drift.at > LATE_AFTER_MS ? 'late' : 'ok',
    seenAt: iso(drift.at),
    clusters: drift.clusters.map(({ fault, ...cluster }) => ({ ...cluster, fault: fault ?? null })),
    entries: drift.entries.map(({ since, ...entry }) => ({ ...entry, since: iso(since) })),
    leftOut: drift.leftOut,
  };
}

const iso = (epochMs: number) => new Date(epochMs).toISOString();
