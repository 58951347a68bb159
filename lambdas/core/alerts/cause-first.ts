// The order of alerts that came together: a possible cause comes before its consequences.
import { alertLevels } from '../model/service.ts';
import type { AlertDocument, DocumentKind } from './document.ts';

const GOOD_NEWS: readonly DocumentKind[] = ['recovered', 'storm_over', 'steady', 'trend_over'];

/**
 * Storms first, then services that fail by themselves before those that depend on them, near before far; among these
 * the higher level first, then what began first. Good news comes last.
 */
export function causeFirst(documents: readonly AlertDocument[]): readonly AlertDocument[] {
  const failing = new Map(documents.filter(({ kind }) => !GOOD_NEWS.includes(kind)).map((one) => [nameOf(one), one]));
  const depths = new Map<string, number>();
  const placed = documents.map((document) => ({
    document,
    group: GOOD_NEWS.includes(document.kind) ? 2 : document.kind === 'storm' ? 0 : 1,
    depth: depthOf(document, failing, depths),
    level: alertLevels.indexOf(document.level),
    began: Date.parse(document.detectedAt),
  }));
  const sorted = placed.toSorted(
    (a, b) => a.group - b.group || a.depth - b.depth || b.level - a.level || a.began - b.began,
  );
  return sorted.map(({ document }) => document);
}

/**
 * The length of the longest chain of failing dependencies below it. In a circle, a service met again ends the chain.
 */
function depthOf(
  document: AlertDocument,
  failing: ReadonlyMap<string, AlertDocument>,
  depths: Map<string, number>,
): number {
  const name = nameOf(document);
  const known = depths.get(name);
  if (known !== undefined) return known;
  depths.set(name, 0);
  const below = (document.service?.dependsOn ?? []).flatMap(
    (id) => failing.get(`${document.service?.tenant}/${id}`) ?? [],
  );
  const depth = Math.max(0, ...below.map((one) => 1 + depthOf(one, failing, depths)));
  depths.set(name, depth);
  return depth;
}

const nameOf = ({ service, deduplicationKey }: AlertDocument): string =>
  service ? `${service.tenant}/${service.id}` : deduplicationKey;
