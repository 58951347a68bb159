// What people are shown of a service that is steady, one that fails, and one that was never checked.
import { describe, expect, it } from 'vitest';

import { sumHeldBack } from '../../../lambdas/core/health/held-back.ts';
import { toService } from '../../../lambdas/core/model/service.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { restartView } from '../../../lambdas/core/views/restart-view.ts';
import { type Seen, serviceView, summaryView } from '../../../lambdas/core/views/status-view.ts';
import { makeRegistration } from '../../make/service.ts';
import { makeIncident, makeRecordIntent, makeRestart, makeState, T0 } from '../../make/state.ts';

const document = makeRegistration({ tags: { team: 'payments' } });
const service = toService(document);
const view = (state: State, seen: Seen = {}) => serviceView(document, service, state, seen, T0 - 1_000);
const at = (ms: number) => new Date(T0 + ms).toISOString();

describe('a service that was never checked', () => {
  it('is pending, and everything else about it is unknown', () => {
    expect(view(makeState())).toEqual({
      tenant: 'default',
      id: 'billing-api',
      name: 'Billing API',
      project: null,
      tags: { team: 'payments' },
      health: 'pending',
      healthSince: at(0),
      consecutiveFailures: 0,
      restartPhase: 'idle',
      message: null,
      registeredAt: at(-1_000),
      lastCheckedAt: null,
      lastVerdict: null,
      lastCause: null,
      lastMessage: null,
      lastLatencyMs: null,
      lastGoodAt: null,
      certificateDaysLeft: null,
      totalRestarts: 0,
      lastRestartAt: null,
      incident: null,
      restart: { phase: 'idle', underWay: false },
      paused: null,
      alerts: { flappingSince: null, heldBack: sumHeldBack([]) },
      trend: null,
      observed: { wouldHaveRestarted: 0, cameBackAlone: 0 },
      pendingIntents: 0,
      spec: document,
      settings: {
        probe: { intervalSeconds: 60, timeoutSeconds: 3 },
        policy: service.policy,
        restart: service.restart,
        alerts: service.alerts,
      },
    });
  });
});

describe('a steady service', () => {
  const steady = makeState({
    health: 'healthy',
    last: { beat: T0, verdict: 'up', cause: 'none', message: 'old', latencyMs: 9, certificateDaysLeft: 40 },
  });

  it('is shown by its newest row, which is newer than anything stored', () => {
    const last = { beat: T0 + 60_000, verdict: 'up', cause: 'none', latencyMs: 12 } as const;
    expect(view(steady, { last, lastGoodAt: T0 + 60_000 })).toMatchObject({
      lastCheckedAt: at(60_000),
      lastVerdict: 'up',
      lastLatencyMs: 12,
      lastMessage: null,
      lastGoodAt: at(60_000),
      certificateDaysLeft: 40,
    });
  });

  it('is shown by what is stored when no row is as new', () => {
    const last = { beat: T0, verdict: 'slow', cause: 'too_slow' } as const;
    for (const seen of [{}, { last, lastGoodAt: T0 - 1 }])
      expect(view(steady, seen)).toMatchObject({
        lastCheckedAt: at(0),
        lastVerdict: 'up',
        lastMessage: 'old',
        lastLatencyMs: 9,
        lastGoodAt: at(0),
      });
  });

  it('had its last good answer when it was slow, too', () => {
    expect(view(makeState({ last: { beat: T0, verdict: 'slow', cause: 'too_slow' } })).lastGoodAt).toBe(at(0));
  });
});

describe('a failing service', () => {
  const failing = makeState({
    health: 'unhealthy',
    downs: 4,
    last: { beat: T0, verdict: 'down', cause: 'timeout' },
    incident: makeIncident({ restarts: 1 }),
    restart: makeRestart({ phase: 'verifying', begunAt: T0 + 1, sentAt: T0 + 2, changedAt: T0 + 3, handle: 'new' }),
    totalRestarts: 1,
    lastRestartAt: T0 + 2,
    intents: [makeRecordIntent('i1')],
  });

  it('is shown with its incident, its restart, and since when it gave no good answer', () => {
    expect(view(failing, { lastGoodAt: T0 - 60_000 })).toMatchObject({
      health: 'unhealthy',
      consecutiveFailures: 4,
      restartPhase: 'verifying',
      message: 'timeout',
      lastVerdict: 'down',
      lastCause: 'timeout',
      lastMessage: null,
      lastLatencyMs: null,
      lastGoodAt: at(-60_000),
      totalRestarts: 1,
      lastRestartAt: at(2),
      incident: {
        id: 'inc-1',
        openedAt: at(0),
        failureType: 'health_check_failed',
        message: 'timeout',
        restarts: 1,
        held: null,
        handsOff: null,
      },
      pendingIntents: 1,
    });
    expect(summaryView(service, failing)).toMatchObject({ health: 'unhealthy', message: 'timeout' });
  });

  it('is shown with why nothing is done about it', () => {
    const held = makeState({ health: 'unhealthy', incident: makeIncident({ held: 'off', handsOff: 'limit' }) });
    expect(view(held).incident).toMatchObject({ held: 'off', handsOff: 'limit' });
    expect(view({ ...held, restart: makeRestart({ phase: 'preparing' }) }).incident).toMatchObject({ held: null });
  });

  it('that waits between two restarts is shown with until when', () => {
    const incident = makeIncident({ held: 'waiting before the next restart' });
    expect(view(makeState({ incident, backoffUntil: T0 + 7 })).incident).toMatchObject({ heldUntil: at(7) });
    const off = makeState({ incident: makeIncident({ held: 'off' }), backoffUntil: T0 + 7 });
    expect(view(off).incident).toMatchObject({ heldUntil: null });
  });

  it('that is only observed is shown with when it would have been restarted, and the score so far', () => {
    const incident = makeIncident({ wouldAt: T0 + 7 });
    expect(view(makeState({ incident, observed: { would: 9, alone: 4 } }))).toMatchObject({
      incident: { wouldRestartAt: at(7) },
      observed: { wouldHaveRestarted: 9, cameBackAlone: 4 },
    });
    expect(view(failing).incident).toMatchObject({ wouldRestartAt: null });
  });

  it('shows its restart step by step', () => {
    expect(restartView(failing)).toEqual({
      phase: 'verifying',
      underWay: true,
      cancelledBy: null,
      cancelReason: null,
      restartId: 'rst-1',
      mode: 'restart',
      trigger: 'automatic',
      user: 'lamplighter',
      reason: 'timeout',
      force: false,
      step: 1,
      kind: 'ecs',
      acts: [],
      activeRequests: null,
      waitsFor: null,
      cascade: null,
      handle: 'new',
      orderedAt: at(0),
      begunAt: at(1),
      sentAt: at(2),
      changedAt: at(3),
      endedAt: null,
      failure: null,
      code: null,
      outcome: null,
      output: null,
    });
  });

  it('shows the last restart when none is under way', () => {
    const ended = makeRestart({ phase: 'failed', endedAt: T0 + 9, outcome: 'rolled back', output: 'exit 1' });
    expect(restartView(makeState({ restart: ended }))).toMatchObject({
      underWay: false,
      handle: null,
      begunAt: null,
      endedAt: at(9),
      outcome: 'rolled back',
      output: 'exit 1',
    });
  });
});

describe('a service that drifts away from its own past', () => {
  it.each([
    { kind: 'latency', now: 240, usual: 100, message: 'Answers take 240 ms.' },
    { kind: 'errors', now: 0.15, usual: 0.01, message: '15 % of the looks are slow or fail.' },
  ] as const)('says how, and since when: $kind', (seen) => {
    const trend = { ...seen, id: 'trend-1', since: T0 + 900_000, told: true };
    expect(view(makeState({ health: 'healthy', trend })).trend).toEqual({ ...seen, since: at(900_000) });
  });
});
