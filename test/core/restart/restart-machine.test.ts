// One restart from its order to its end, told by what the restart function reports and what the probe sees.
import { describe, expect, it } from 'vitest';

import { advance } from '../../../lambdas/core/health/advance.ts';
import { phases } from '../../../lambdas/core/model/conditions.ts';
import type { Report } from '../../../lambdas/core/model/events.ts';
import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import type { Service } from '../../../lambdas/core/model/service.ts';
import { maySend } from '../../../lambdas/core/restart/restart-begin.ts';
import { ORDER_TIMEOUT_MS } from '../../../lambdas/core/restart/restart-order.ts';
import { isPollDue } from '../../../lambdas/core/restart/restart-polls.ts';
import { assertNever } from '../../../lambdas/core/result.ts';
import { down, reported, tick, up } from '../../make/event.ts';
import { ecsStep, makeService, ssmStep } from '../../make/service.ts';
import { makeIncident, makeRestart, makeState, T0 } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const service = makeService({ restart: { steps: [ecsStep, ssmStep], backoffSeconds: 100, maxBackoffSeconds: 400 } });
const healthy = makeState({ health: 'healthy' });
const ordered = (of = service) => tell(of, healthy).sees(times<Verdict>(3, 'down'));
const begun: Report = { kind: 'begun', before: 'old', leaseUntil: T0 + 200_000, fleet: { restartsOn: true } };
const sent: Report = { kind: 'sent', handle: 'new', adopted: false };
const changed: Report = { kind: 'changed', identity: 'new', detail: 'deployed' };
const failed: Report = { kind: 'failed', reason: 'rolled back', output: 'exit 1' };
const refusal: Report = { kind: 'refused', reason: 'scaled to zero' };

describe('a restart that succeeds', () => {
  it('is ordered with the first step, to be begun within a quarter of an hour', () => {
    const story = ordered();
    expect(story.restart()).toMatchObject({
      phase: 'preparing',
      stepIndex: 0,
      trigger: 'automatic',
      by: 'lamplighter',
      reason: 'timeout',
      force: false,
      orderedAt: story.now(),
      deadlineAt: story.now() + ORDER_TIMEOUT_MS,
    });
    expect(story.restart().id).toMatch(/^rst-[0-9a-f]{8}-[0-9a-z]+-\d+$/);
    expect(story.state()).toMatchObject({ restartTimes: [story.now()], totalRestarts: 0, incident: { restarts: 1 } });
    expect(story.pending('restart')).toEqual([expect.objectContaining({ restartId: story.restart().id })]);
    expect(story.records().at(-1)).toMatchObject({
      kind: 'restart_ordered',
      message: 'restart by ECS redeploy of prod/billing ordered: timeout',
      details: { by: 'lamplighter', trigger: 'automatic', step: 1 },
    });
  });

  it('is begun: the order is struck off, and one invocation alone may send', () => {
    const story = ordered();
    story.reports(begun);
    expect(story.restart()).toMatchObject({
      phase: 'restarting',
      before: 'old',
      begunAt: story.now(),
      leaseUntil: T0 + 200_000,
      deadlineAt: story.now() + 915_000,
    });
    expect(story.orders()).toBe(0);
    expect(story.recorded().at(-1)).toBe('restart_begun');
  });

  it('begun again right before its deadline is not failed while what that invocation may have sent has its time', () => {
    const story = ordered();
    story.reports({ ...begun, leaseUntil: story.now() + 20_000 });
    const { deadlineAt } = story.restart();
    story.wait((deadlineAt - story.now()) / 1000 - 1);
    story.reports({ ...begun, leaseUntil: story.now() + 20_000 });
    story.wait(914).happens({ kind: 'ticked', jitter: 0 });
    expect(story.restart().phase).toBe('restarting');
    story.wait(1).happens({ kind: 'ticked', jitter: 0 });
    expect(story.restart().phase).toBe('failed');
  });

  it('begun again is not failed while that invocation may send it, however short its step is', () => {
    const step = { ...makeRestart().step, timeoutSeconds: 1 };
    const running = makeState({ health: 'unhealthy', incident: makeIncident(), restart: makeRestart({ step }) });
    const story = tell(makeService({ restart: { mode: 'on', steps: [ecsStep] } }), running);
    story.reports({ ...begun, leaseUntil: story.now() + 20_000 });
    story.wait(140);
    story.reports({ ...begun, leaseUntil: story.now() + 20_000 });
    // Nor while the message comes again, should that one fail too.
    expect(story.restart().deadlineAt).toBe(story.now() + 150_000);
    expect(story.restart().deadlineAt).toBeGreaterThan(story.restart().leaseUntil ?? Infinity);
  });

  it('is not begun again for ever: no later than one whole time after the first attempt', () => {
    const story = ordered();
    story.reports({ ...begun, leaseUntil: story.now() + 20_000 });
    story.wait(914);
    expect(maySend(story.restart(), story.now())).toBe(true);
    story.wait(1);
    expect(maySend(story.restart(), story.now())).toBe(false);
    const state = story.state();
    expect(story.reports({ ...begun, leaseUntil: story.now() + 20_000 })).toEqual({ state, intents: [] });
  });

  it('is sent, and counts from then on', () => {
    const story = ordered();
    story.reports(begun);
    story.wait(1).reports(sent);
    expect(story.restart()).toMatchObject({ handle: 'new', sentAt: story.now() });
    expect(story.restart().leaseUntil).toBeUndefined();
    expect(story.state()).toMatchObject({ totalRestarts: 1, lastRestartAt: story.now() });
    expect(story.records().at(-1)).toMatchObject({ kind: 'restart_sent', message: 'sent: new' });
  });

  it('says so when it had been sent by an invocation that was cut off', () => {
    const story = ordered();
    story.reports(begun);
    story.reports({ ...sent, adopted: true });
    expect(story.records().at(-1)).toMatchObject({ kind: 'restart_adopted', message: 'had been sent already: new' });
  });

  it('waits for the warm-up once something new stands there, and asks for a look at its end', () => {
    const story = ordered().restarts();
    const holdUntil = story.now() + 10_000;
    expect(story.restart()).toMatchObject({
      phase: 'verifying',
      identity: 'new',
      changedAt: story.now(),
      holdUntil,
      deadlineAt: holdUntil + 120_000,
    });
    expect(story.pending('probe')).toEqual([expect.objectContaining({ dueAt: holdUntil })]);
    expect(story.records().at(-1)).toMatchObject({ kind: 'instance_changed', message: 'deployed' });
  });

  it('lets no verdict from before the end of the warm-up decide', () => {
    const story = ordered().restarts();
    story.wait(9);
    story.happens(up(story.now()));
    story.happens(up(story.now() + 999));
    expect(story.state()).toMatchObject({ ups: 0, health: 'unhealthy', last: { beat: story.now() + 999 } });
    story.happens(up(story.now() + 1000));
    expect(story.state().ups).toBe(1);
  });

  it('is completed by as many ups in a row as any recovery takes, and closes the incident', () => {
    const story = ordered().restarts().wait(10);
    for (const event of [up(story.now()), down(story.now() + 1), up(story.now() + 2)]) story.happens(event);
    expect(story.restart().phase).toBe('verifying');
    story.happens(up(story.now() + 3));
    expect(story.restart()).toMatchObject({ phase: 'completed', outcome: 'verified', endedAt: story.now() });
    expect(story.state()).toMatchObject({ health: 'healthy', ups: 0, downs: 0, downBeats: [] });
    expect(story.state().incident).toBeUndefined();
    expect(story.pending('probe')).toEqual([]);
    expect(story.recorded().slice(-2)).toEqual(['restart_completed', 'recovered']);
    expect(story.records().at(-1)).toMatchObject({ action: 'restart', details: { restarts: 1 } });
  });

  it('is completed by slow answers too, but these close no incident', () => {
    const story = ordered().restarts().sees(['slow', 'slow']);
    expect(story.state()).toMatchObject({ health: 'degraded', restart: { phase: 'completed' } });
    expect(story.state().incident).toBeDefined();
    expect(story.sees(['up', 'up']).state().incident).toBeUndefined();
  });

  it('of a service that was only degraded leaves it so when the answers stay slow', () => {
    const story = tell(service, makeState({ health: 'degraded', incident: makeIncident() }));
    story.happens({ kind: 'requested', by: 'ada', reason: 'slow', force: false });
    const { healthSince } = story.restarts().state();
    story.sees(['slow', 'slow']);
    expect(story.state()).toMatchObject({ health: 'degraded', healthSince, restart: { phase: 'completed' } });
    expect(story.recorded().at(-1)).toBe('restart_completed');
  });

  it('of a healthy service leaves no downs of its verification behind', () => {
    const story = tell(service, healthy);
    story.happens({ kind: 'requested', by: 'ada', reason: 'upgrade', force: false });
    story.restarts().wait(10);
    for (const event of [down(story.now()), down(story.now() + 1), up(story.now() + 2), up(story.now() + 3)])
      story.happens(event);
    expect(story.state()).toMatchObject({
      health: 'healthy',
      downs: 0,
      downBeats: [],
      restart: { phase: 'completed' },
    });
  });

  it.each([
    [60, 5_000],
    [1, 1_000],
  ])('with beats of %i s is looked at every %i ms while it is verified', (intervalSeconds, every) => {
    const quick = makeService({ probe: { kind: 'heartbeat', intervalSeconds } });
    const story = tell(quick, healthy).sees(times<Verdict>(3, 'down')).restarts().wait(10);
    const [first] = story.pending('probe');
    story.happens(up(story.now(), { intentId: first?.id }));
    expect(story.pending('probe')).toEqual([expect.objectContaining({ dueAt: story.now() + every })]);
  });

  it('counts no up of a failed verification towards the recovery', () => {
    const story = ordered().restarts().wait(10);
    story.happens(up(story.now()));
    story.wait(199).happens(down(story.now()));
    story.wait(1).happens(tick());
    expect(story.restart().phase).toBe('failed');
    expect(story.sees(['up']).state().health).toBe('unhealthy');
    expect(story.sees(['up']).state().health).toBe('healthy');
  });

  it('asks for a look without losing what else is pending, and once', () => {
    const story = ordered().restarts().wait(10);
    const { length } = story.pending('record');
    story.happens(up(story.now()));
    expect(story.pending('record')).toHaveLength(length);
    expect(story.pending('probe')).toHaveLength(1);
  });

  it('asks for no look on behalf of a usual round that could not tell', () => {
    const restart = makeRestart({ phase: 'verifying', holdUntil: T0, deadlineAt: T0 + 900_000 });
    const start = makeState({ health: 'unhealthy', incident: makeIncident(), restart });
    expect(tell(service, start).sees(['unknown']).state()).toBe(start);
  });

  it('asks for another look when one could not tell', () => {
    const story = ordered().restarts().wait(10);
    const [look] = story.pending('probe');
    const event = {
      ...up(story.now(), { intentId: look?.id }),
      observation: { verdict: 'unknown', cause: 'own_trouble' },
    } as const;
    story.happens(event);
    expect(story.pending('probe')).toEqual([expect.objectContaining({ dueAt: story.now() + 5_000 })]);
    const before = story.state();
    expect(story.happens(event).state).toBe(before);
  });
});

describe('a restart that fails', () => {
  it('says why, tells people, and begins its backoff', () => {
    const story = ordered();
    story.reports(begun);
    story.reports({ kind: 'evidence', text: 'x'.repeat(1_500) });
    story.reports(sent);
    story.wait(5).reports(failed);
    expect(story.restart()).toMatchObject({
      phase: 'failed',
      outcome: 'rolled back',
      output: 'exit 1',
      endedAt: story.now(),
    });
    expect(story.state()).toMatchObject({ health: 'unhealthy', backoffUntil: story.now() + 50_000 });
    expect(story.records().at(-1)).toMatchObject({
      kind: 'restart_failed',
      actionResult: 'failed',
      message: 'restart by ECS redeploy of prod/billing failed: rolled back',
      details: { handle: 'new', durationMs: 5_000, step: 1, kind: 'ecs', trigger: 'automatic' },
    });
    expect(story.told()).toEqual(['warning unhealthy', 'error restart_failed']);
    const what = 'restart by ECS redeploy of prod/billing';
    expect(story.alerts().at(-1)).toMatchObject({
      at: story.now(),
      seen: 'timeout',
      cause: 'timeout',
      evidence: 'x'.repeat(1_000),
      tried: [{ what, outcome: 'failed: rolled back', at: story.now() }],
    });
  });

  it('is followed by the next step, only after the backoff and only on a down', () => {
    const story = ordered();
    story.reports(failed, 0.5); // 75 s
    const first = story.restart().id;
    story.sees(['down']); // 60 s later
    expect(story.restart().id).toBe(first);
    expect(story.state().incident?.held).toBe('waiting before the next restart');
    story.sees(['up', 'unknown']);
    expect(story.restart().id).toBe(first);
    story.sees(['down']);
    expect(story.restart()).toMatchObject({ phase: 'preparing', stepIndex: 1, step: { kind: 'ssm' } });
    expect(story.records().at(-1)).toMatchObject({
      kind: 'restart_ordered',
      message: 'restart by Lamplighter-RestartLinux on i-0abc, i-0def ordered: timeout',
    });
  });

  it('repeats the last step while the budget lasts, then tells one person once and keeps its hands off', () => {
    const story = ordered();
    const steps: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      steps.push(story.restart().stepIndex);
      story.reports(failed);
      story.wait(400).sees(['down']);
    }
    expect(steps).toEqual([0, 1, 1]);
    expect(story.restart().phase).toBe('failed');
    expect(story.state().incident).toMatchObject({
      handsOff: 'limit',
      held: 'the limit of 3 restarts in 3600 s is used up',
      restarts: 3,
    });
    expect(story.alerts().at(-1)).toMatchObject({
      kind: 'restart_limit_exceeded',
      level: 'critical',
      failureType: 'restart_limit_exceeded',
      message: 'It is down, and the limit of 3 restarts in 3600 s is used up. Somebody must look at it.',
      held: 'the limit of 3 restarts in 3600 s is used up',
    });
    expect(story.alerts().at(-1)?.tried).toHaveLength(3);
    story.wait(7_200).sees(times<Verdict>(5, 'down')); // the window has passed: hands stay off
    expect(story.restart().phase).toBe('failed');
    expect(story.recorded().filter((kind) => kind === 'limit_exceeded')).toHaveLength(1);
    const told = ['warning unhealthy', 'error restart_failed', 'critical restart_limit_exceeded'];
    expect(story.told()).toEqual([...told, 'error reminder']); // hours later
  });

  it('is tried again in a new incident once the service has recovered by itself', () => {
    const limited = makeState({ health: 'unhealthy', incident: makeIncident({ handsOff: 'limit' }) });
    const story = tell(service, limited).sees(['up', 'up', ...times<Verdict>(3, 'down')]);
    expect(story.restart()).toMatchObject({ phase: 'preparing', stepIndex: 0 });
  });

  it.each<[string, number, string, (story: ReturnType<typeof ordered>) => void]>([
    ['nobody carries the order out', 900, 'nobody carried the order out', () => undefined],
    ['it takes longer than its step may', 915, 'it took longer than 900 s', (story) => story.reports(begun)],
    [
      'the service does not come up',
      130,
      'the service did not become healthy in time',
      (story) => story.restarts().happens(down(story.now() + 129_000)),
    ],
  ])('because %s', (_, seconds, outcome, prepare) => {
    const story = ordered();
    prepare(story);
    story.wait(seconds - 1).happens(tick());
    expect(story.restart().outcome).toBeUndefined();
    story.wait(1).happens(tick(0.99));
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome });
    expect(story.state().backoffUntil).toBe(story.now() + 99_500);
    expect(story.orders()).toBe(0);
  });

  it('opens an incident when the service had been well before', () => {
    const story = tell(service, healthy);
    story.happens({ kind: 'requested', by: 'ada', reason: 'upgrade', force: false });
    story.reports(begun);
    story.reports({ kind: 'sent', handle: 'new', adopted: false });
    story.reports(failed);
    expect(story.state()).toMatchObject({ health: 'unhealthy', healthSince: story.now() });
    expect(story.state().incident).toMatchObject({ failureType: 'restart_failed', restarts: 1 });
    expect(story.told()).toEqual(['error restart_failed']);
    const tried = { what: 'restart by ECS redeploy of prod/billing', outcome: expect.stringMatching(/^failed: ./) };
    expect(story.alerts()[0], 'nobody reads that nothing was restarted').toMatchObject({
      restarts: 1,
      tried: [{ ...tried, at: story.now() }],
    });
    story.wait(400).sees(['down', 'down', 'down']);
    expect(story.restart(), 'the ladder goes on').toMatchObject({ phase: 'preparing', stepIndex: 1 });
  });
});

describe('the timeline', () => {
  it('tells the whole story: what was seen, what was done about it, and what came of it', () => {
    const story = ordered();
    const { id: incidentId } = story.state().incident!;
    const first = story.restart().id;
    story.reports(begun);
    story.reports(sent);
    story.reports(failed);
    story.wait(400).sees(['down']);
    const second = story.restart().id;
    story.restarts().sees(['slow', 'slow', 'up', 'up']);
    const of = { incidentId, detectedAt: T0 + 180_000 };
    // The outage is over when it answers; that it answers slowly is an incident of its own.
    const next = { incidentId: expect.not.stringMatching(incidentId), detectedAt: expect.any(Number) };
    const pending = { ...of, level: 'warning', action: 'restart', actionResult: 'pending' };
    const lines = story.records().map(({ details: _details, ...record }) => record);
    expect(lines).toEqual([
      {
        ...of,
        kind: 'unhealthy',
        level: 'error',
        message: 'timeout',
        failureType: 'health_check_failed',
        action: 'none',
      },
      { ...pending, kind: 'restart_ordered', message: expect.any(String), restartId: first },
      {
        ...pending,
        kind: 'restart_begun',
        message: 'restart by ECS redeploy of prod/billing begins',
        restartId: first,
      },
      { ...pending, kind: 'restart_sent', message: 'sent: new', restartId: first },
      {
        ...of,
        kind: 'restart_failed',
        level: 'error',
        message: 'restart by ECS redeploy of prod/billing failed: rolled back',
        restartId: first,
        failureType: 'restart_failed',
        action: 'restart',
        actionResult: 'failed',
      },
      { ...pending, kind: 'restart_ordered', message: expect.any(String), restartId: second },
      { ...pending, kind: 'restart_begun', message: expect.any(String), restartId: second },
      { ...pending, kind: 'restart_sent', message: 'sent: new', restartId: second },
      { ...pending, kind: 'instance_changed', level: 'info', message: 'deployed', restartId: second },
      {
        ...of,
        kind: 'restart_completed',
        level: 'info',
        message: 'restart by Lamplighter-RestartLinux on i-0abc, i-0def verified',
        restartId: second,
        failureType: 'auto_restart',
        action: 'restart',
        actionResult: 'success',
      },
      {
        ...of,
        kind: 'recovered',
        level: 'info',
        message: expect.stringMatching(/^It answers again after \d+ min, but: too_slow$/),
        failureType: 'health_check_failed',
        action: 'restart',
        actionResult: 'success',
        resolvedAt: expect.any(Number),
      },
      {
        ...next,
        kind: 'degraded',
        level: 'warning',
        message: 'too_slow',
        failureType: 'health_check_failed',
        action: 'alert',
      },
      {
        ...next,
        kind: 'recovered',
        level: 'info',
        message: expect.stringMatching(/^Healthy again after /),
        failureType: 'health_check_failed',
        action: 'none',
        actionResult: 'success',
        resolvedAt: story.now(),
      },
    ]);
  });

  it('does not begin an automatic order that is not wanted any more', () => {
    const off = { ...service, restart: { ...service.restart, mode: 'off' as const } };
    const changes: [string, Service, boolean, boolean][] = [
      ['automatic restarts were switched off', off, true, false],
      ['automatic restarts are off for the fleet', service, false, false],
      ['it answers again', service, true, true],
    ];
    for (const [reason, changed, restartsOn, answers] of changes) {
      const story = ordered();
      const held = answers ? story.wait(10).sees(['up']).state() : story.state();
      const report = {
        ...begun,
        kind: 'begun' as const,
        before: 'old',
        leaseUntil: story.now() + 20_000,
        fleet: { restartsOn },
      };
      const event = { kind: 'reported' as const, restartId: story.restart().id, report, jitter: 0 };
      const { state, intents } = advance(changed, held, event, story.now());
      expect(state.restart).toMatchObject({ phase: 'cancelled', outcome: `held: ${reason}` });
      expect(state.restartTimes).toEqual([]);
      const told = intents.flatMap((intent) => (intent.kind === 'alert' ? [intent.alert.kind] : []));
      expect(told).toEqual(answers ? [] : ['restart_held']);
    }
  });

  it("carries out a person's order whatever the switches say", () => {
    const asked = tell(service, healthy);
    asked.happens({ kind: 'requested', by: 'ann', reason: 'stuck', force: false });
    asked.reports({ kind: 'begun', before: 'old', leaseUntil: asked.now() + 20_000, fleet: { restartsOn: false } });
    expect(asked.restart().phase).toBe('restarting');
  });

  it('gives SSM the time to deliver beside the time to run', () => {
    const asked = tell(makeService({ restart: { steps: [ssmStep] } }), healthy);
    asked.happens({ kind: 'requested', by: 'ann', reason: 'stuck', force: false });
    asked.reports({ kind: 'begun', before: '', leaseUntil: asked.now() + 20_000, fleet: { restartsOn: true } });
    expect(asked.restart().deadlineAt).toBe(asked.now() + (120 + 60 + 15) * 1000);
  });

  it('remembers what the order before it had begun', () => {
    const story = ordered();
    story.reports(begun);
    story.reports(sent);
    story.reports(failed);
    story.wait(400).sees(['down']);
    expect(story.restart().priorHandle).toBe('new');
  });

  it('remembers the newest deployment over steps that deploy nothing, or its own would hold the third step for ever', () => {
    const steps = [ecsStep, ssmStep, { ...ecsStep, action: 'stop-tasks' as const }, ecsStep];
    const story = ordered(makeService({ restart: { steps, backoffSeconds: 0, maxRestarts: 9 } }));
    for (const handle of ['deployed', 'command', 'tasks']) {
      story.reports({ ...begun, leaseUntil: story.now() });
      story.reports({ ...sent, handle });
      story.reports(failed);
      story.wait(400).sees(['down']);
      expect(story.restart().priorHandle, handle).toBe('deployed');
    }
  });

  it('tells why the last restart was not tried, and who took it back', () => {
    const limited = tell(
      service,
      makeState({ health: 'unhealthy', incident: makeIncident(), restartTimes: times(3, T0) }),
    );
    expect(limited.sees(['down']).records()).toEqual([
      {
        kind: 'limit_exceeded',
        level: 'critical',
        message: 'It is down, and the limit of 3 restarts in 3600 s is used up. Somebody must look at it.',
        failureType: 'restart_limit_exceeded',
        action: 'none',
        incidentId: 'inc-1',
        detectedAt: T0,
      },
    ]);
    const cancelled = tell(service, healthy);
    cancelled.happens({ kind: 'requested', by: 'ada', reason: 'upgrade', force: false });
    cancelled.wait(3).happens({ kind: 'cancelled', by: 'bob' });
    expect(cancelled.records().at(-1)).toEqual({
      kind: 'restart_cancelled',
      level: 'warning',
      message: 'restart by ECS redeploy of prod/billing cancelled by bob',
      restartId: cancelled.restart().id,
      action: 'none',
      details: {
        by: 'ada',
        reason: 'upgrade',
        trigger: 'manual',
        mode: 'restart',
        force: false,
        step: 1,
        kind: 'ecs',
        orderedAt: T0,
        durationMs: 3_000,
      },
    });
    const held = ordered();
    held.reports(refusal);
    expect(held.records().at(-1)).toMatchObject({
      kind: 'restart_held',
      level: 'error',
      restartId: held.restart().id,
      action: 'none',
    });
  });
});

describe('a restart that must not be', () => {
  it('gives its budget back, tells people once, and is considered again a minute later', () => {
    const story = ordered();
    story.reports(refusal, 0.5);
    expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: 'held: scaled to zero' });
    expect(story.state()).toMatchObject({
      restartTimes: [],
      backoffUntil: story.now() + 63_000,
      incident: { restarts: 0, held: 'scaled to zero' },
    });
    expect(story.orders()).toBe(0);
    expect(story.alerts().at(-1)).toMatchObject({
      kind: 'restart_held',
      level: 'error',
      failureType: 'health_check_failed',
      message: 'It is down and is not restarted: scaled to zero',
    });
    story.sees(['down']);
    expect(story.restart().phase).toBe('cancelled');
    expect(story.state().incident?.held).toBe('scaled to zero');
    expect(story.sees(['down']).restart()).toMatchObject({ phase: 'preparing', stepIndex: 0 });
  });

  it('is recorded once for the same reason, however often it is tried', () => {
    const story = ordered();
    for (let round = 0; round < 3; round += 1) {
      story.reports(refusal);
      story.sees(['down', 'down']);
    }
    expect(story.recorded()).toEqual(['unhealthy', 'restart_ordered', 'restart_held']);
    story.reports({ ...refusal, reason: 'being deployed' });
    expect(story.recorded().at(-1)).toBe('restart_held');
    expect(story.told()).toEqual(['warning unhealthy', 'error restart_held']);
  });

  it('answers a person even when nothing is wrong', () => {
    const story = tell(service, healthy);
    story.happens({ kind: 'requested', by: 'ada', reason: 'upgrade', force: false });
    story.reports(refusal);
    expect(story.records().at(-1)).toMatchObject({ kind: 'restart_held', level: 'error' });
    const asked = { by: 'ada', reason: 'upgrade', trigger: 'manual', mode: 'restart', orderedAt: T0, durationMs: 0 };
    expect(story.records().at(-1)?.details).toMatchObject(asked);
    expect(story.told()).toEqual([]);
    expect(story.state().health).toBe('healthy');
  });

  it('is refused before it is begun, or not at all', () => {
    const story = ordered();
    story.reports(begun);
    const before = story.state();
    expect(story.reports(refusal).state).toBe(before);
  });

  it('is held as well where AWS refuses the order itself: it counts for no budget and for no step', () => {
    const story = ordered();
    story.reports(begun);
    story.reports({ ...refusal, isBegun: true });
    expect(story.restart()).toMatchObject({ phase: 'cancelled', outcome: 'held: scaled to zero' });
    expect(story.state()).toMatchObject({ restartTimes: [], totalRestarts: 0, incident: { restarts: 0 } });
    expect(story.told()).toEqual(['warning unhealthy', 'error restart_held']);
    story.wait(70).sees(['down']);
    expect(story.restart()).toMatchObject({ phase: 'preparing', stepIndex: 0 });
  });

  it.each<[string, Report[]]>([
    ['before it was begun', []],
    ['after it was sent', [begun, sent]],
  ])('takes no such refusal in %s', (_, earlier) => {
    const story = ordered();
    for (const report of earlier) story.reports(report);
    const before = story.state();
    expect(story.reports({ ...refusal, isBegun: true }).state).toBe(before);
  });
});

describe('reports that change nothing', () => {
  it.each<[string, Report[], Report]>([
    ['sent before it was begun', [], sent],
    ['sent twice', [begun, sent], sent],
    ['changed before it was begun', [], changed],
    ['changed twice', [begun, sent, changed], changed],
    ['failed while it is verified', [begun, sent, changed], failed],
    ['begun twice inside the lease', [begun], begun],
    ['begun again after it was sent', [begun, sent], begun],
    ['progress a moment after the last sign of life', [begun, sent], { kind: 'progress' }],
    ['anything after its end', [failed], begun],
  ])('%s', (_, earlier, late) => {
    const story = ordered();
    for (const report of earlier) story.reports(report);
    const before = story.state();
    expect(story.reports(late)).toEqual({ state: before, intents: [] });
    expect(story.state()).toBe(before);
  });

  it('of another restart', () => {
    const story = ordered();
    const before = story.state();
    for (const report of [begun, sent, changed, failed, refusal]) story.happens(reported('rst-other', report));
    expect(story.state()).toBe(before);
  });

  it('but an unknown kind of report is a fault of ours', () => {
    expect(() => ordered().reports({ kind: 'lost' } as never)).toThrow('unhandled case: {"kind":"lost"}');
    expect(() => assertNever('x' as never)).toThrow(TypeError);
  });
});

describe('the lease to send', () => {
  it.each([
    ['preparing', {}, true],
    ['restarting', { leaseUntil: T0 + 1 }, false],
    ['restarting', { leaseUntil: T0 }, true],
    ['restarting', {}, true],
    ['restarting', { leaseUntil: T0, handle: 'new' }, false],
    ['verifying', {}, false],
    ...phases
      .filter((phase) => !['preparing', 'restarting', 'recovering'].includes(phase))
      .map((phase) => [phase, {}, false] as const),
  ] as const)('in phase %s with %j: %s', (phase, rest, expected) => {
    expect(maySend(makeRestart({ phase, ...rest }), T0)).toBe(expected);
  });

  it('passes on to another invocation, which keeps what stood there before the first attempt', () => {
    const story = ordered();
    story.reports(begun);
    story.wait(100);
    const recorded = story.recorded().length;
    story.reports({ kind: 'begun', before: 'other', leaseUntil: story.now() + 20_000, fleet: { restartsOn: true } });
    expect(story.restart()).toMatchObject({
      before: 'old',
      begunAt: T0 + 180_000,
      leaseUntil: story.now() + 20_000,
      // Its own time, for it may be this one that sends it.
      deadlineAt: story.now() + 915_000,
    });
    expect(story.recorded()).toHaveLength(recorded);
  });
});

describe('looking after a restart', () => {
  const underWay = () => {
    const story = ordered();
    story.reports(begun);
    story.reports(sent);
    return story;
  };

  it('begins a second after it was sent', () => {
    const story = underWay();
    expect(story.restart().nextPollAt).toBe(story.now() + 1_000);
  });

  it.each([
    [1, 2],
    [29, 2],
    [30, 5],
    [119, 5],
    [120, 15],
  ])('%i s after the sending goes on %i s later', (after, next) => {
    const story = underWay().wait(after);
    story.reports({ kind: 'progress' });
    expect(story.restart()).toMatchObject({ nextPollAt: story.now() + next * 1_000, touchedAt: story.now() });
  });

  it('goes on from the order where the sending is not known', () => {
    const restart = makeRestart({ phase: 'restarting', handle: 'new' });
    const story = tell(service, makeState({ health: 'unhealthy', incident: makeIncident(), restart })).wait(130);
    story.reports({ kind: 'progress' });
    expect(story.restart().nextPollAt).toBe(story.now() + 15_000);
  });

  it('keeps what an order that goes in rounds has put an end to, each round once', () => {
    const story = underWay().wait(1);
    const ofIncident = story.state().incident?.evidence;
    story.reports({ kind: 'progress', evidence: 'task a UNHEALTHY' });
    story.reports({ kind: 'progress', evidence: 'task a UNHEALTHY' }); // a double
    story.wait(2).reports({ kind: 'progress', evidence: 'x'.repeat(5_000) });
    const kept = story.records().filter(({ kind }) => kind === 'evidence');
    expect(kept.map(({ message }) => message)).toEqual(['task a UNHEALTHY', 'x'.repeat(4_000)]);
    expect(kept[0]).toMatchObject({ level: 'info', action: 'none', restartId: story.restart().id });
    expect(story.state().incident?.evidence).toBe(ofIncident);
    expect(story.restart().phase).toBe('restarting');
  });

  it('is done by one: a second sign of life before the next is due changes nothing', () => {
    const story = underWay().wait(1);
    story.reports({ kind: 'progress' });
    const before = story.state();
    expect(story.wait(1).reports({ kind: 'progress' }).state).toBe(before);
    expect(story.wait(1).reports({ kind: 'progress' }).state).not.toBe(before);
  });

  it.each([
    [undefined, true],
    [T0 - 1, true],
    [T0 + 500, true],
    [T0 + 501, false],
  ])('is due, with the next time at %s: %s', (nextPollAt, expected) => {
    expect(isPollDue(makeRestart({ phase: 'restarting', nextPollAt }), T0)).toBe(expected);
  });
});

describe('a restart that nobody has touched', () => {
  it('for ninety seconds is handed over again, once', () => {
    const story = ordered().wait(30);
    story.reports(begun);
    story.wait(89).happens(tick());
    expect(story.orders()).toBe(0);
    story.wait(1).happens(tick());
    expect(story.pending('restart')).toEqual([expect.objectContaining({ restartId: story.restart().id })]);
    story.wait(95).happens(tick());
    expect(story.orders()).toBe(1);
  });

  it('is carried on by the first sign of life, which strikes the order off', () => {
    const story = ordered();
    story.reports(begun);
    story.reports(sent);
    story.wait(90).happens(tick());
    story.wait(1).reports({ kind: 'progress' });
    expect(story.orders()).toBe(0);
    expect(story.restart().touchedAt).toBe(story.now());
  });

  it('is not handed over again while signs of life come every half minute', () => {
    const story = ordered();
    story.reports(begun);
    story.reports(sent);
    for (let i = 0; i < 10; i += 1) {
      story.wait(30).reports({ kind: 'progress' });
      expect(story.restart().touchedAt).toBe(story.now());
      story.happens(tick());
    }
    expect(story.orders()).toBe(0);
  });
});
