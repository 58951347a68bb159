// Short builders for the events that can happen to a service.
import type { Probed, Report, Reported, Requested, Trend, TrendSeen } from '../../lambdas/core/model/events.ts';
import { freshFleet } from '../../lambdas/core/model/fleet.ts';
import type { Cause, Verdict } from '../../lambdas/core/model/observation.ts';

type Change = Partial<Omit<Probed, 'kind' | 'beat'>>;

const usualCause: Readonly<Record<Verdict, Cause>> = {
  up: 'none',
  slow: 'too_slow',
  down: 'timeout',
  unknown: 'own_trouble',
};

export const probed = (verdict: Verdict, beat: number, change: Change = {}): Probed => ({
  kind: 'probed',
  beat,
  observation: { verdict, cause: usualCause[verdict] },
  fleet: freshFleet,
  jitter: 0,
  ...change,
});
export const up = (beat: number, change?: Change): Probed => probed('up', beat, change);
export const slow = (beat: number, change?: Change): Probed => probed('slow', beat, change);
export const down = (beat: number, change?: Change): Probed => probed('down', beat, change);
export const unknown = (beat: number, change?: Change): Probed => probed('unknown', beat, change);

export const tick = (jitter = 0) => ({ kind: 'ticked', jitter }) as const;
export const request = (change: Partial<Requested> = {}): Requested => ({
  kind: 'requested',
  by: 'ada',
  reason: 'it hangs',
  force: false,
  ...change,
});
export const cancel = { kind: 'cancelled', by: 'ada' } as const;
export const reported = (restartId: string, report: Report, jitter = 0, act?: string): Reported => ({
  kind: 'reported',
  restartId,
  act,
  report,
  jitter,
});

/** A drift judged at `at`, which began a quarter of an hour before; or none. */
export const trendSeen = (at: number, kind?: Trend['kind']): TrendSeen => ({
  kind: 'trend',
  at,
  trend: kind && { kind, since: at - 900_000, now: 240, usual: 100, message: 'Answers take 240 ms; 100 ms are usual.' },
});
