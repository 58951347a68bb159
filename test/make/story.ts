// The life of a service in a test: time is stepped by hand, every verdict has a beat of its own, and everything that
// follows is kept for the assertions at the end.
import { advance } from '../../lambdas/core/health/advance.ts';
import type { Probed, Report, ServiceEvent } from '../../lambdas/core/model/events.ts';
import type { AlertBody, Intent } from '../../lambdas/core/model/intents.ts';
import type { Verdict } from '../../lambdas/core/model/observation.ts';
import type { Service } from '../../lambdas/core/model/service.ts';
import type { Restart, State } from '../../lambdas/core/model/state.ts';
import type { Step } from '../../lambdas/core/model/step.ts';
import type { RecordBody } from '../../lambdas/core/model/timeline.ts';
import { probed, reported } from './event.ts';
import { makeState, T0 } from './state.ts';

export type Story = ReturnType<typeof tell>;

export function tell(service: Service, start: State = makeState()) {
  let state = start;
  let now = T0;
  const intents: Intent[] = [];
  const story = {
    state: () => state,
    now: () => now,
    /** Lets time pass. */
    wait(seconds: number) {
      now += seconds * 1000;
      return story;
    },
    happens(event: ServiceEvent): Step {
      const step = advance(service, state, event, now);
      state = step.state;
      intents.push(...step.intents);
      return step;
    },
    /** One verdict per beat, each an interval after the one before. */
    sees(verdicts: readonly Verdict[], change: Partial<Probed> = {}) {
      for (const verdict of verdicts) {
        story.wait(service.probe.intervalSeconds);
        story.happens(probed(verdict, now, change));
      }
      return story;
    },
    reports(report: Report, jitter = 0): Step {
      return story.happens(reported(story.restart().id, report, jitter));
    },
    /** The order is begun and sent, and a new instance is up. */
    restarts() {
      story.reports({ kind: 'begun', before: 'old', leaseUntil: now + 20_000, fleet: { restartsOn: true } });
      story.reports({ kind: 'sent', handle: 'new', adopted: false });
      story.reports({ kind: 'changed', identity: 'new', detail: 'deployed' });
      return story;
    },
    restart(): Restart {
      if (!state.restart) throw new Error('there is no restart');
      return state.restart;
    },
    pending: (kind: Intent['kind']) => state.intents.filter((intent) => intent.kind === kind),
    alerts: (): AlertBody[] => intents.flatMap((intent) => (intent.kind === 'alert' ? [intent.alert] : [])),
    records: (): RecordBody[] => intents.flatMap((intent) => (intent.kind === 'record' ? [intent.record] : [])),
    /** `level kind` of every alert so far. */
    told: () => story.alerts().map(({ level, kind }) => `${level} ${kind}`),
    recorded: () => story.records().map(({ kind }) => kind),
    orders: () => story.pending('restart').length,
  };
  return story;
}

export const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
