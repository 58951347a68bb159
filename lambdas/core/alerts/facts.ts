// The facts of an alert in a message: names and values, in the order in which people read them.
import { durationText } from '../values/duration-text.ts';
import type { AlertDocument } from './document.ts';

export type Fact = readonly [name: string, value: string];

/** What is not known is left out. */
export function factsOf(document: AlertDocument): readonly Fact[] {
  const { service, storm, group, level, incidentId, restarts, held, kind } = document;
  const facts: (Fact | false | null)[] = [
    service && ['Service', `${service.name} (${service.tenant}/${service.id})`],
    typeof service?.project === 'string' && ['Project', service.project],
    storm && ['Group', storm.group],
    group && ['Alerts', `${group.count} of ${group.services} services`],
    ['Level', level],
    ['Since', sinceText(document)],
    document.resolvedAt !== null && ['Over', document.resolvedAt],
    service && ['Restarts', String(restarts)],
    held !== null && kind !== 'recovered' && ['Held', held],
    incidentId !== null && ['Incident', incidentId],
  ];
  return facts.filter((fact): fact is Fact => Array.isArray(fact));
}

/** When it began, and how long ago that was when it was over, or else when this was decided. */
function sinceText({ detectedAt, resolvedAt, at }: AlertDocument): string {
  const until = resolvedAt ?? at;
  if (until === null) return detectedAt;
  const lasted = Date.parse(until) - Date.parse(detectedAt);
  return lasted <= 0 ? detectedAt : `${detectedAt} (${resolvedAt === null ? 'for' : 'lasted'} ${durationText(lasted)})`;
}

/** How it was seen; empty where nothing is known of that. */
export const seenText = ({ seen, cause }: AlertDocument): string =>
  [seen, cause && `(${cause})`].filter((part) => part !== null && part !== '').join(' ');

/** One line for each restart that is over. */
export const triedLines = ({ tried }: AlertDocument): readonly string[] =>
  tried.map(({ at, what, outcome }) => `${at} ${what}: ${outcome}`);

/** One line for each alert of a group, the cause first, and how many more there are. */
export function groupLines({ group }: AlertDocument): readonly string[] {
  if (!group) return [];
  const lines = group.alerts.map(
    ({ level, detectedAt, headline, message }) =>
      `${level.toUpperCase().padEnd(8)}  ${detectedAt.slice(11, 19)}  ${headline}: ${message}`,
  );
  return group.more > 0 ? [...lines, `and ${group.more} more`] : lines;
}

/** Where to look, with names. */
export function linksOf({ links }: AlertDocument): readonly Fact[] {
  const { service, events, fleet, runbook } = links;
  const named: [string, string | null][] = [['Service', service], ['Timeline', events], ['Fleet', fleet], ['Runbook', runbook]]; // prettier-ignore
  return named.filter((link): link is [string, string] => link[1] !== null);
}
