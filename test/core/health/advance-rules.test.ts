// The rules that hold whatever happens, in whatever order, tried against random lives of random services.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { advance, isAtRest, isUnmoved } from '../../../lambdas/core/health/advance.ts';
import type { Probed } from '../../../lambdas/core/model/events.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import type { Service } from '../../../lambdas/core/model/service.ts';
import { isPaused, type Restart, runningRestart, type State, stateSchema } from '../../../lambdas/core/model/state.ts';
import { recordKinds } from '../../../lambdas/core/model/timeline.ts';
import { restartsInWindow } from '../../../lambdas/core/restart/backoff.ts';
import { heldBack } from '../../../lambdas/core/restart/restart-guards.ts';
import { currentAct } from '../../../lambdas/core/restart/restart-plan.ts';
import { probed, tick, up } from '../../make/event.ts';
import { live, type Moment, moves, services } from '../../make/history.ts';
import { makeState, T0 } from '../../make/state.ts';

const RUNS = { numRuns: 250 };
const always = (holds: (service: Service, life: readonly Moment[]) => void) =>
  fc.assert(
    fc.property(services, moves, (service, history) => holds(service, live(service, history))),
    RUNS,
  );

const kindsOf = ({ step }: Moment) => step.intents.map(({ kind }) => kind);
const countersOf = ({ downs, slows, ups, answers, downBeats }: State) => ({ downs, slows, ups, answers, downBeats });
/** Whether the verdict counts: it is one, it is new, and it is not a person's look right after the last that counted. */
const isSettled = (event: Moment['event'], { lastBeat }: State, { probe }: Service): event is Probed =>
  event.kind === 'probed' &&
  event.observation.verdict !== 'unknown' &&
  event.beat > lastBeat &&
  !(event.asked && event.beat - lastBeat < probe.intervalSeconds * 1000);
/** The restart that this moment ordered by itself. */
const orderOf = ({ before, step }: Moment): Restart | undefined =>
  step.state.restart && step.state.restart.id !== before.restart?.id ? step.state.restart : undefined;

/**
 * Notes of the restart of this moment when it was sent. As soon as somebody has begun its step it may have been, and the
 * latest when he must be gone; unless whoever has looked since says that it was not. `true`: there was something to note.
 */
function noteSending(sent: Map<string, number>, { before, event, step }: Moment): boolean {
  const { restart } = step.state;
  if (!restart || restart === before.restart) return false;
  const isUnsent = event.kind === 'reported' && event.report.kind === 'unsent';
  if (isUnsent) {
    sent.delete(restart.id);
    return false;
  }
  const isBegun = runningRestart(step.state) && currentAct(restart).kind === 'restart' && restart.begunAt !== undefined;
  const at = restart.restartSentAt ?? (isBegun ? restart.leaseUntil : undefined);
  if (at === undefined || sent.get(restart.id) === at) return false;
  sent.set(restart.id, at);
  return true;
}

describe('the random lives', () => {
  it('lead to everything that can be recorded', () => {
    const seen = new Set<string>();
    for (const [service, history] of fc.sample(fc.tuple(services, moves), { numRuns: 1_500, seed: 1 }))
      for (const { step } of live(service, history))
        for (const intent of step.intents) if (intent.kind === 'record') seen.add(intent.record.kind);
    expect([...seen].sort()).toEqual([...recordKinds].sort());
  });
});

describe('whatever happens', () => {
  it('rule 1: an unknown, stale or hasty verdict changes no counter, health or restart, and starts nothing', () => {
    always((service, life) => {
      for (const moment of life) {
        const { before, event, step } = moment;
        if (event.kind !== 'probed' || isSettled(event, before, service)) continue;
        expect(countersOf(step.state)).toEqual(countersOf(before));
        expect(step.state.health).toBe(before.health);
        expect(step.state.restart).toBe(before.restart);
        expect(step.state.incident).toBe(before.incident);
        expect(kindsOf(moment).filter((kind) => kind !== 'probe')).toEqual([]);
      }
    });
  });

  it('rule 2: it is unhealthy after its downs in a row, and never after fewer unless F of W were down', () => {
    always((service, life) => {
      const { policy, probe } = service;
      let inRow = 0;
      let downs: number[] = [];
      for (const { before, event, step } of life) {
        if (isSettled(event, before, service) && !runningRestart(before)) {
          inRow = event.observation.verdict === 'down' ? inRow + 1 : 0;
          if (event.observation.verdict === 'down') downs = [...downs, event.beat];
          const since = event.beat - policy.window.of * probe.intervalSeconds * 1000;
          const isEnough =
            inRow >= policy.failureThreshold || downs.filter((beat) => beat > since).length >= policy.window.failures;
          if (inRow >= policy.failureThreshold) expect(step.state.health).toBe('unhealthy');
          if (before.health !== 'unhealthy' && step.state.health === 'unhealthy') expect(isEnough).toBe(true);
        }
        if (step.state.restart !== before.restart) inRow = 0;
      }
    });
  });

  it('rule 2: only enough good verdicts in a row after the last down close an incident', () => {
    always((service, life) => {
      const { policy } = service;
      let row: Verdict[] = [];
      for (const { before, event, step } of life) {
        if (isSettled(event, before, service))
          row = [...row, event.observation.verdict].slice(-policy.successThreshold);
        if (!before.incident || step.state.incident?.id === before.incident.id) continue;
        // Out of an outage by answers that are not all well, it is degraded, and that is an incident of its own.
        const good = step.state.health === 'healthy' ? ['up'] : ['up', 'slow'];
        expect(step.state.health).toBe(step.state.incident ? 'degraded' : 'healthy');
        expect(row).toHaveLength(policy.successThreshold);
        expect(row.every((verdict) => good.includes(verdict))).toBe(true);
      }
    });
  });

  it('there is an incident exactly while the service is degraded or unhealthy', () => {
    always((_, life) => {
      for (const { step } of life)
        expect(step.state.incident !== undefined).toBe(['degraded', 'unhealthy'].includes(step.state.health));
    });
  });

  it('rule 3: an automatic restart has every condition on its side', () => {
    always((service, life) => {
      const { restart } = service;
      for (const moment of life) {
        const { before, event, now, step } = moment;
        if (orderOf(moment)?.trigger !== 'automatic') continue;
        expect(event).toMatchObject({ kind: 'probed', observation: { verdict: 'down' }, fleet: { restartsOn: true } });
        expect(isSettled(event, before, service)).toBe(true);
        expect(restart.mode).toBe('on');
        expect(event).not.toMatchObject({ fleet: { storm: expect.anything() } });
        expect(event).not.toMatchObject({ fleet: { dependencies: expect.anything() } });
        expect(isPaused(before, now)).toBe(false);
        expect(runningRestart(before)).toBeUndefined();
        expect(step.state.health).toBe('unhealthy');
        expect(before.incident?.handsOff).toBeUndefined();
        expect(restartsInWindow(restart, before.restartTimes, now)).toBeLessThan(restart.maxRestarts);
        expect(now).toBeGreaterThanOrEqual(before.backoffUntil);
      }
    });
  });

  it('rule 4: while a restart is prepared, carried out or warming up, no verdict decides anything', () => {
    always((_, life) => {
      for (const moment of life) {
        const { before, event, step } = moment;
        const restart = runningRestart(before);
        if (!restart || event.kind !== 'probed') continue;
        if (restart.phase === 'verifying' && event.beat >= (restart.holdUntil ?? 0)) continue;
        expect(step.state.health).toBe(before.health);
        expect(step.state.restart).toBe(before.restart);
        expect(step.state.incident).toBe(before.incident);
        expect(countersOf(step.state)).toEqual(countersOf(before));
        expect(kindsOf(moment).filter((kind) => kind !== 'probe')).toEqual([]);
      }
    });
  });

  it('rule 5: in no window are there more restarts sent than the budget, but for those that a person forces', () => {
    always(({ restart: { maxRestarts, windowSeconds } }, life) => {
      const sent = new Map<string, number>();
      for (const moment of life) {
        const { now, step } = moment;
        const isOrdered = orderOf(moment) !== undefined;
        const isNews = noteSending(sent, moment);
        const { id = '', force } = step.state.restart ?? {};
        if (force || !(isOrdered || isNews)) continue;
        const since = now - windowSeconds * 1000;
        const others = [...sent].filter(([other, at]) => other !== id && at > since);
        expect(others.length).toBeLessThan(maxRestarts);
      }
    });
  });

  it('rule 6: past the budget hands are off, until a person acts or the service recovers', () => {
    always((service, life) => {
      for (const moment of life) {
        const { before, event, now, step } = moment;
        const { health, incident } = step.state;
        const isPast =
          service.restart.mode === 'on' &&
          isSettled(event, before, service) &&
          event.observation.verdict === 'down' &&
          heldBack(before, event.fleet, now) === undefined &&
          health === 'unhealthy' &&
          !runningRestart(step.state) &&
          restartsInWindow(service.restart, before.restartTimes, now) >= service.restart.maxRestarts;
        if (isPast) expect(incident?.handsOff).toBeDefined();
        if (before.incident?.handsOff && incident?.id === before.incident.id && event.kind !== 'requested')
          expect(incident.handsOff).toBe(before.incident.handsOff);
      }
    });
  });

  it('rule 7: every alert belongs to an incident, and none comes twice', () => {
    always((_, life) => {
      const told = new Set<string>();
      for (const { before, event, step } of life)
        for (const intent of step.intents) {
          if (intent.kind !== 'alert' || before.intents.some(({ id }) => id === intent.id)) continue;
          const { deduplicationKey, incidentId, kind } = intent.alert;
          // What a service can work without warns it under its own incident.
          const isOfOther = event.kind === 'dependency_down';
          // A drift away from its own past is an episode of its own, whatever incidents there are meanwhile.
          const ofTrend = [before.trend?.id, step.state.trend?.id];
          const ofIncident = isOfOther ? [event.incidentId] : [before.incident?.id, step.state.incident?.id];
          const ofFlapping = [before.flapping?.id, step.state.flapping?.id];
          const isOfFlapping = intent.alert.kind === 'flapping' || intent.alert.kind === 'steady';
          const mine = event.kind === 'trend' ? ofTrend : isOfFlapping ? ofFlapping : ofIncident;
          expect(mine).toContain(incidentId);
          // Reminders are numbered.
          const number = kind === 'reminder' ? `:${step.state.incident?.reminders?.count}` : '';
          expect(deduplicationKey).toBe(`${incidentId}:${kind}${isOfOther ? ':billing-api' : number}`);
          expect(told).not.toContain(deduplicationKey);
          told.add(deduplicationKey);
        }
    });
  });

  // Everything is copied at every event, which takes long where the machine has other work.
  it('rule 8: replaying the same events gives the same states and intents', { timeout: 90_000 }, () => {
    fc.assert(
      fc.property(services, moves, (service, history) => {
        const life = live(service, history);
        let state = structuredClone(life[0]?.before ?? makeState());
        for (const { event, now, step } of life) {
          const again = advance(structuredClone(service), state, structuredClone(event), now);
          expect(again).toEqual(step);
          state = structuredClone(again.state);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('the same event a second time changes nothing and asks for nothing', () => {
    always((service, life) => {
      for (const { event, now, step } of life) {
        const again = advance(service, step.state, event, now);
        expect(again.state).toBe(step.state);
        expect(again.intents).toEqual([]);
      }
    });
  });

  it('time alone changes nothing of what is at rest, however much of it passes', () => {
    let atRest = 0;
    always((service, life) => {
      for (const { now, step } of life) {
        if (!isAtRest(step.state)) continue;
        atRest += 1;
        for (const later of [0, 3_600_000, 30 * 86_400_000])
          expect(advance(service, step.state, { kind: 'ticked', jitter: 0.5 }, now + later)).toEqual({
            state: step.state,
            intents: [],
          });
      }
    });
    expect(atRest).toBeGreaterThan(0);
  });

  it('what is said to stay as it is does so, whatever is seen of it and whenever', () => {
    let unmoved = 0;
    const verdicts: readonly Verdict[] = ['up', 'slow', 'unknown', 'down'];
    const well = { health: 'healthy', downs: 0, slows: 0, ups: 0, answers: 0 } as const;
    always((service, life) => {
      for (const { now, step } of life)
        for (const state of [step.state, { ...step.state, ...well }])
          for (const verdict of verdicts.filter((each) => isUnmoved(state, each))) {
            unmoved += 1;
            for (const later of [0, 3_600_000, 30 * 86_400_000])
              for (const event of [probed(verdict, now + later), tick(0.5)])
                expect(advance(service, state, event, now + later)).toEqual({ state, intents: [] });
          }
    });
    expect(unmoved).toBeGreaterThan(0);
  });

  it('ids are used once', () => {
    always((_, life) => {
      const made = life.flatMap(({ before, step }) =>
        step.state.intents.filter(({ id }) => !before.intents.some((old) => old.id === id)).map(({ id }) => id),
      );
      const restarts = life.flatMap((moment) => orderOf(moment)?.id ?? []);
      expect(new Set([...made, ...restarts]).size).toBe(made.length + restarts.length);
    });
  });

  it('an intent is handed over in the step that makes it, and again within a minute while it is pending', () => {
    always((service, life) => {
      for (const { before, step, now } of life) {
        const made = step.state.intents.filter(({ id }) => !before.intents.some((old) => old.id === id));
        expect(step.intents.map(({ id }) => id)).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
        const later = now + 60_000;
        const ticked = advance(service, step.state, tick(), later);
        const handed = new Set(ticked.intents.map(({ id }) => id));
        const forgotten = ticked.state.intents.filter((intent) => {
          const isBusy = (intent.claimedUntil ?? 0) > later;
          const isEarly = intent.kind === 'probe' && intent.dueAt + 60_000 > later;
          return !(handed.has(intent.id) || isBusy || isEarly);
        });
        expect(forgotten).toEqual([]);
      }
    });
  });

  it('a state can be stored and read again', () => {
    always((_, life) => {
      const last = life.at(-1)?.step.state ?? makeState();
      for (const state of [...life.filter((_moment, index) => index % 10 === 0).map(({ step }) => step.state), last])
        expect(stateSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    });
  });

  it('a healthy service that stays up is never written', () => {
    fc.assert(
      fc.property(services, fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1 }), (service, gaps) => {
        const state = makeState({ health: 'healthy', lastBeat: T0 });
        let now = T0;
        for (const gap of gaps) {
          now += gap;
          expect(advance(service, state, up(now), now)).toEqual({ state, intents: [] });
          expect(advance(service, state, up(now), now).state).toBe(state);
          expect(advance(service, state, tick(), now).state).toBe(state);
        }
      }),
    );
  });
});
