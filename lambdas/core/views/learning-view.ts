// What the API shows of what Lamplighter learns from a service's history.
import type { Suggestion } from '../learning/suggest-threshold.ts';
import type { Outlook, Replayed } from '../learning/what-if.ts';
import type { Recorded } from '../model/recorded.ts';
import type { Service } from '../model/service.ts';
import { isoTime } from '../values/iso-time.ts';

/** Why the history ends where it does: all of it was read, or as much as one answer may read. */
type HistoryEnd = 'whole' | 'rows' | 'time';
export type History = Readonly<{ from: number; recorded: readonly Recorded[]; end: HistoryEnd }>;

const INCIDENTS_SHOWN = 20;

/** How much history there is, and what is wrong with it; `note` is null where it is as long as was asked for. */
export function historyView({ from, recorded, end }: History, { probe }: Service) {
  const since = recorded[0]?.beat;
  const isLong = since !== undefined && since < from + 2 * probe.intervalSeconds * 1000;
  return {
    askedFrom: isoTime(from),
    since: isoTime(since),
    until: isoTime(recorded.at(-1)?.beat),
    verdicts: recorded.length,
    unknown: recorded.filter(({ verdict }) => verdict === 'unknown').length,
    note: isLong ? null : notes[end],
  };
}

const notes: Readonly<Record<HistoryEnd, string>> = {
  whole: 'there is less history than was asked for',
  rows: 'this is as much history as one answer reads; ask for a shorter window',
  time: 'reading took too long, so this is less history than was asked for; ask for a shorter window',
};

/** Settings in the words in which they are asked for. */
const settingsView = ({ policy, probe, restart }: Service) => ({
  failureThreshold: policy.failureThreshold,
  successThreshold: policy.successThreshold,
  windowFailures: policy.window.failures,
  windowOf: policy.window.of,
  intervalSeconds: probe.intervalSeconds,
  mode: restart.mode,
});

/** One side of `GET /services/{id}/what-if`; of many incidents the newest are shown, newest first. */
export const outlookView = (settings: Service, outlook: Outlook) => ({
  settings: settingsView(settings),
  verdicts: outlook.verdicts,
  incidents: outlook.incidents.length,
  restarts: outlook.restarts,
  needlessRestarts: outlook.needless,
  alerts: outlook.alerts,
  newestIncidents: outlook.incidents.slice(-INCIDENTS_SHOWN).reverse().map(incidentView),
});

const incidentView = ({ openedAt, closedAt, wouldRestartAt, ...rest }: Replayed) => ({
  openedAt: isoTime(openedAt),
  closedAt: isoTime(closedAt),
  wouldRestartAt: isoTime(wouldRestartAt),
  ...rest,
});

/** `failureThreshold` is null where the history is too short to say. */
export const suggestionView = (suggestion: Suggestion, { policy }: Service) => ({
  failureThreshold: suggestion.kind === 'suggested' ? suggestion.failureThreshold : null,
  present: policy.failureThreshold,
  because: suggestion.because,
});
