// A restart with hooks, configuration, waiting and a way back, told act by act: its phases, its codes, and what happens
// when one of them fails.
import { describe, expect, it } from 'vitest';

import type { Report } from '../../../lambdas/core/model/events.ts';
import type { ActKind, Restart } from '../../../lambdas/core/model/state.ts';
import { maySend } from '../../../lambdas/core/restart/restart-begin.ts';
import { orderId } from '../../../lambdas/core/restart/restart-plan.ts';
import { isoTime } from '../../../lambdas/core/values/iso-time.ts';
import { restartView } from '../../../lambdas/core/views/restart-view.ts';
import {
  act,
  begin,
  carryOut,
  change,
  count,
  everything,
  fail,
  mainStep,
  send,
  upTo as actsUpTo,
} from '../../make/acts.ts';
import { cancel, down, reported, request, tick, up } from '../../make/event.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeState } from '../../make/state.ts';
import { type Story, tell } from '../../make/story.ts';

const serviceOf = (change: Document['restart'] = {}) =>
  makeService({ restart: { steps: [mainStep], ...everything, backoffSeconds: 0, ...change } });
const service = serviceOf();
const healthy = makeState({ health: 'healthy' });
const asked = (change: Parameters<typeof request>[0] = {}, of = service) => {
  const story = tell(of, healthy);
  story.happens(request(change));
  return story;
};
const begun: Report = { kind: 'begun', before: 'old', leaseUntil: 0, fleet: { restartsOn: true } };
/** Everything up to this act, which is next. */
const upTo = (kind: ActKind, story = asked()): Story => actsUpTo(kind, story);
/** It is looked at until the time for verification is over, and does not answer. */
function staysDown(story: Story) {
  story.wait(129).happens(down(story.now()));
  story.wait(1).happens(tick());
  return story;
}
/** The restart was carried out and does not come up, so that it is taken back. */
function recovering(kind: ActKind = 'restore') {
  const story = upTo('after');
  carryOut(story);
  return upTo(kind, staysDown(story));
}

const there = [
  ['before', 'preparing'],
  ['validate', 'preparing'],
  ['backup', 'preparing'],
  ['drain', 'waiting_requests'],
  ['restart', 'restarting'],
  ['after', 'restarting'],
] as const;
const back = [
  ['restore', 'recovering'],
  ['rollback', 'recovering'],
] as const;

describe('the phases of a restart', () => {
  it('are those that people may ask for at any time', () => {
    const story = tell(service, healthy);
    expect(restartView(story.state())).toEqual({ phase: 'idle', underWay: false });
    story.happens(request());
    const seen: unknown[] = [];
    for (const [kind, phase] of there) {
      upTo(kind, story);
      if (kind !== 'drain') begin(story);
      expect(story.restart().phase, kind).toBe(phase);
      seen.push(restartView(story.state()));
      if (kind === 'drain') count(story.wait(1), 0);
      else {
        send(story.wait(1));
        change(story.wait(1));
      }
    }
    expect(story.restart()).toMatchObject({ phase: 'verifying', identity: 'n-after', restartHandle: 'h-restart' });
    expect(
      seen.map((view) => (view as { acts: { state: string }[] }).acts.map(({ state }) => state[0]).join('')),
    ).toEqual(['cppppp', 'dcpppp', 'ddcppp', 'dddcpp', 'ddddcp', 'dddddc']);
    story.wait(10);
    for (const beat of [0, 1]) story.happens(up(story.now() + beat));
    expect(restartView(story.state())).toMatchObject({
      ...{ phase: 'completed', underWay: false, code: null, failure: null },
      acts: there.map(([kind]) => ({ kind, state: 'done' })),
    });
  });

  it('on the way back are recovering, then failed', () => {
    const story = recovering();
    for (const [kind, phase] of back) {
      upTo(kind, story);
      expect(story.restart().phase).toBe(phase);
      carryOut(story);
    }
    expect(story.restart()).toMatchObject({
      phase: 'failed',
      outcome: 'the service did not become healthy in time; it was taken back',
    });
    expect(restartView(story.state())).toMatchObject({
      failure: 'the service did not become healthy in time',
      acts: back.map(([kind]) => ({ kind, state: 'done' })),
    });
  });

  it.each([...there, ...back])(
    'of %s (%s): it can be cancelled while it is preparing, and never later',
    (kind, phase) => {
      const isBack = back.some(([one]) => one === kind);
      for (const isBegun of [false, true]) {
        const story = isBack ? recovering(kind) : upTo(kind);
        if (isBegun && kind !== 'drain') begin(story);
        const { refusal } = story.happens(cancel);
        if (phase === 'preparing') {
          // What was done before is undone first, and what is under way goes on to its end before that.
          const first = isBegun ? phase : kind === 'before' ? 'cancelled' : 'recovering';
          expect([refusal, story.restart().phase, story.restart().cancelledBy]).toEqual([undefined, first, 'ada']);
          while (story.restart().phase !== 'cancelled') {
            if (story.restart().begunAt === undefined) begin(story);
            send(story);
            change(story);
          }
          expect(story.state().restartTimes).toEqual([]);
        } else expect([refusal?.code, story.restart().phase]).toEqual(['RESTART_002', phase]);
      }
    },
  );

  it('may not be cancelled while it is verified, or when it is over', () => {
    const story = upTo('after');
    carryOut(story);
    expect(story.happens(cancel).refusal?.code).toBe('RESTART_002');
    story.wait(10);
    for (const beat of [0, 1]) story.happens(up(story.now() + beat));
    expect(story.happens(cancel).refusal).toMatchObject({ code: 'RESTART_002', message: 'no restart is under way' });
  });

  it('let no second restart begin in any of them', () => {
    for (const [kind] of there) {
      const { refusal } = upTo(kind).happens(request());
      expect(refusal).toMatchObject({
        code: 'RESTART_001',
        message: expect.stringMatching(/^restart rst-\S+ is under way/),
      });
    }
  });
});

describe('an act', () => {
  it.each(there.filter(([kind]) => kind !== 'drain'))('%s is begun by one invocation and has its own time', (kind) => {
    const story = upTo(kind);
    expect(story.orders()).toBe(1);
    expect(maySend(story.restart(), story.now())).toBe(true);
    begin(story);
    expect(story.orders()).toBe(0);
    expect(maySend(story.restart(), story.now())).toBe(false);
    const patienceMs = kind === 'restart' ? 315_000 : 175_000;
    expect(story.restart()).toMatchObject({ begunAt: story.now(), deadlineAt: story.now() + patienceMs });
    send(story.wait(1));
    expect(story.restart()).toMatchObject({ handle: `h-${kind}`, deadlineAt: story.now() + patienceMs });
  });

  it('leaves nothing of its own to the next one', () => {
    const story = upTo('before');
    begin(story);
    send(story.wait(1));
    change(story.wait(1));
    const { begunAt, before, handle, sentAt, leaseUntil, nextPollAt } = story.restart();
    expect([begunAt, before, handle, sentAt, leaseUntil, nextPollAt]).toEqual(Array(6).fill(undefined));
    expect(story.restart()).toMatchObject({ actIndex: 1, touchedAt: story.now(), deadlineAt: story.now() + 900_000 });
  });

  it('takes no report of another act', () => {
    const story = upTo('validate');
    const { id } = story.restart();
    const before = story.state();
    for (const report of [begun, { kind: 'failed', reason: 'late' }, { kind: 'refused', reason: 'late' }] as const)
      expect(story.happens(reported(id, report, 0, `${id}-a0`)).state).toBe(before);
    expect(orderId(story.restart())).toBe(`${id}-a1`);
    story.happens(reported(id, { ...begun, leaseUntil: story.now() + 20_000 }, 0, `${id}-a1`));
    expect(story.restart().begunAt).toBe(story.now());
  });

  it('counts as a restart only where the service itself is restarted', () => {
    const story = upTo('restart');
    expect([story.state().totalRestarts, story.state().lastRestartAt]).toEqual([0, undefined]);
    const orderedAt = story.restart().orderedAt;
    expect(story.state().restartTimes).toEqual([orderedAt]);
    begin(story);
    expect(story.state().restartTimes).toEqual([story.now() + 20_000]);
    send(story.wait(1));
    expect(story.state()).toMatchObject({ totalRestarts: 1, restartTimes: [story.now()], lastRestartAt: story.now() });
    change(story);
    carryOut(story);
    expect(story.state().totalRestarts).toBe(1);
  });

  it('is told in the timeline by its name', () => {
    const story = upTo('validate');
    begin(story);
    send(story, true);
    change(story);
    expect(story.records().slice(-2)).toMatchObject([
      { kind: 'restart_adopted', message: 'validate: had been sent already: h-validate' },
      { kind: 'restart_act_done', message: 'validate: done', details: { identity: 'n-validate' } },
    ]);
    expect(story.recorded().filter((kind) => kind === 'restart_begun')).toHaveLength(1);
  });

  it('that is the restart leaves its output behind, another does not', () => {
    const story = upTo('restart');
    begin(story);
    send(story);
    story.reports({ kind: 'changed', identity: 'n', detail: 'done', output: 'what the script said' });
    begin(story);
    send(story);
    story.reports({ kind: 'changed', identity: 'n', detail: 'done', output: 'what the hook said' });
    expect(story.restart().output).toBe('what the script said');
  });

  it('that fails keeps its own output, and a verification that fails that of the restart', () => {
    const story = upTo('restart');
    begin(story);
    send(story);
    story.reports({ kind: 'changed', identity: 'n', detail: 'done', output: 'what the script said' });
    carryOut(story);
    staysDown(story);
    expect(story.restart()).toMatchObject({ phase: 'recovering', output: 'what the script said' });
    carryOut(upTo('rollback', story));
    expect(story.records().at(-1)?.details).toMatchObject({ output: 'what the script said' });
    const validated = upTo('validate');
    begin(validated);
    fail(validated);
    carryOut(validated);
    expect(validated.records().at(-1)?.details).toMatchObject({ output: 'why' });
  });

  it('that is the restart is what the times and the handle of the history are of', () => {
    const story = asked();
    const orderedAt = story.now();
    begin(story.wait(1));
    const begunAt = story.now();
    send(story.wait(1));
    expect(restartView(story.state())).toMatchObject({ handle: 'h-before', sentAt: null });
    change(story.wait(1));
    upTo('restart', story);
    begin(story);
    send(story.wait(1));
    const sentAt = story.now();
    change(story.wait(1));
    carryOut(story);
    expect(restartView(story.state())).toMatchObject({
      ...{ handle: 'h-restart', begunAt: isoTime(begunAt), sentAt: isoTime(sentAt) },
    });
    story.wait(10);
    for (const beat of [0, 1]) story.happens(up(story.now() + beat));
    expect(story.records().find(({ kind }) => kind === 'restart_completed')?.details).toMatchObject({
      ...{ by: 'ada', mode: 'restart', handle: 'h-restart', orderedAt, begunAt, sentAt },
      durationMs: story.now() - orderedAt,
    });
  });

  it('that waits for requests first begins the restart too', () => {
    const story = asked({}, makeService({ restart: { steps: [mainStep], drain: everything.drain } }));
    begin(story.wait(5));
    const begunAt = story.now();
    count(story.wait(4), 0);
    carryOut(story.wait(1));
    expect(restartView(story.state())).toMatchObject({ phase: 'verifying', begunAt: isoTime(begunAt) });
  });

  it('that is silent for long is handed over again, each of them', () => {
    for (const [kind] of there.filter(([one]) => one !== 'drain')) {
      const story = upTo(kind);
      begin(story);
      story.wait(89).happens(tick());
      expect(story.orders(), kind).toBe(0);
      story.wait(1).happens(tick());
      expect(story.orders(), kind).toBe(1);
    }
  });
});

describe('an act that fails', () => {
  const failing = [
    ['validate', 'RESTART_004 validate failed: exit 1', 'RESTART_004'],
    ['backup', 'RESTART_003 backup failed: exit 1', 'RESTART_003'],
  ] as const;

  it.each([['before', 'the before hook failed: exit 1', null] as const, ...failing])(
    'before anything was changed ends the restart: %s',
    (kind, outcome, code) => {
      const isHook = kind === 'before';
      const acts = there.filter(([one]) => isHook || one !== 'before');
      const story = upTo(kind, isHook ? asked() : asked({}, serviceOf({ before: undefined })));
      begin(story);
      send(story);
      fail(story);
      expect(story.restart()).toMatchObject({ phase: 'failed', outcome, output: 'why' });
      expect(story.restart().failure).toBeUndefined();
      expect(restartView(story.state())).toMatchObject({ code, outcome });
      const states = (restartView(story.state()) as { acts: { state: string }[] }).acts.map(({ state }) => state);
      const index = acts.findIndex(([one]) => one === kind);
      expect(states).toEqual(acts.map((_, at) => (at < index ? 'done' : at === index ? 'failed' : 'left_out')));
      expect(story.orders()).toBe(0);
    },
  );

  describe('behind the hook before a step that was not sent', () => {
    const notSent = [...failing, ['restart', 'exit 1', null] as const];
    const failed = (kind: ActKind) => {
      const story = upTo(kind);
      begin(story);
      fail(story);
      return story;
    };

    it.each(notSent)('has that hook undone, and then ends the restart: %s', (kind, failure, code) => {
      const story = failed(kind);
      const { id, deadlineAt } = story.restart();
      expect(story.restart()).toMatchObject({ phase: 'recovering', failure, output: 'why', actIndex: 0 });
      expect([orderId(story.restart()), deadlineAt]).toEqual([`${id}-r0`, story.now() + 900_000]);
      expect([act(story), story.orders()]).toEqual(['after', 1]);
      expect(story.records().at(-1)).toMatchObject({
        kind: 'restart_recovering',
        message: `restart by ECS redeploy of prod/billing failed: ${failure}. What was done before it is undone.`,
      });
      expect(story.told()).toEqual([]);
      carryOut(story);
      const outcome = `${failure}; what was done before it is undone`;
      expect(story.restart()).toMatchObject({ phase: 'failed', outcome, output: 'why' });
      expect(restartView(story.state())).toMatchObject({ code, failure, acts: [{ kind: 'after', state: 'done' }] });
      expect(story.told()).toEqual(['error restart_failed']);
    });

    it.each(notSent)('is told of too where that hook fails: %s', (kind, failure, code) => {
      const story = failed(kind);
      begin(story);
      fail(story);
      const outcome = `${failure}; the hook after it failed too: exit 1`;
      expect(story.restart()).toMatchObject({ phase: 'failed', outcome });
      expect(restartView(story.state())).toMatchObject({ code, acts: [{ kind: 'after', state: 'failed' }] });
    });

    it('asks no guard about that hook, keeps it from being cancelled, and gives it its own time', () => {
      const story = tell(service, healthy).sees(['down', 'down', 'down']);
      upTo('validate', story);
      begin(story);
      fail(story);
      story.reports({ ...begun, leaseUntil: story.now() + 20_000, fleet: { restartsOn: false } });
      expect(story.restart()).toMatchObject({ phase: 'recovering', begunAt: story.now() });
      expect(story.happens(cancel).refusal?.code).toBe('RESTART_002');
      story.wait(175).happens(tick());
      expect(story.restart().outcome).toContain('the hook after it failed too: it took longer than 100 s');
    });

    it('that nobody came to send has it undone as well', () => {
      const story = upTo('restart');
      story.wait(900).happens(tick());
      expect([story.restart().failure, act(story)]).toEqual(['nobody carried the order out', 'after']);
    });

    it('leaves it alone where it may have been sent, and there is no way back', () => {
      const { before, after } = everything;
      const story = upTo('restart', asked({}, makeService({ restart: { steps: [mainStep], before, after } })));
      begin(story);
      story.wait(315).happens(tick());
      expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'it took longer than 300 s' });
    });
  });

  it.each([
    ['restart', 'exit 1'],
    ['after', 'the after hook failed: exit 1'],
  ] as const)('when the service was touched is taken back: %s', (kind, failure) => {
    const story = upTo(kind);
    begin(story);
    send(story);
    fail(story);
    expect(story.restart()).toMatchObject({ phase: 'recovering', failure, output: 'why', actIndex: 0 });
    expect(act(story)).toBe('restore');
    expect(story.orders()).toBe(1);
    expect(story.records().at(-1)).toMatchObject({
      kind: 'restart_recovering',
      message: `restart by ECS redeploy of prod/billing failed: ${failure}. It is taken back.`,
    });
  });

  it('and was not sent at all is not taken back', () => {
    const story = upTo('restart', asked({}, serviceOf({ before: undefined })));
    begin(story);
    fail(story);
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'exit 1' });
  });

  it('and may have been sent by whoever died, so that nobody knows it, is taken back', () => {
    const story = upTo('restart');
    begin(story);
    story.wait(315).happens(tick());
    expect(story.restart()).toMatchObject({ phase: 'recovering', failure: 'it took longer than 300 s' });
    expect(act(story)).toBe('restore');
  });

  it('and was begun by nobody is not taken back', () => {
    const story = upTo('restart', asked({}, serviceOf({ before: undefined })));
    story.wait(900).happens(tick());
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'nobody carried the order out' });
  });

  it('on the way back says both', () => {
    const story = recovering('rollback');
    begin(story);
    send(story);
    fail(story);
    expect(story.restart()).toMatchObject({
      phase: 'failed',
      outcome: 'the service did not become healthy in time; taking it back failed too: exit 1',
    });
    expect(restartView(story.state())).toMatchObject({
      acts: [
        { kind: 'restore', state: 'done' },
        { kind: 'rollback', state: 'failed' },
      ],
    });
  });

  it('takes no refusal for a hold once anything was begun', () => {
    const story = upTo('before');
    begin(story);
    const before = story.state();
    expect(story.reports({ kind: 'refused', reason: 'late' }).state).toBe(before);
  });

  it('by its time fails for the time of its own step', () => {
    const story = upTo('backup', asked({}, serviceOf({ before: undefined })));
    begin(story);
    story.wait(174).happens(tick());
    expect(story.restart().phase).toBe('preparing');
    story.wait(1).happens(tick());
    expect(story.restart().outcome).toBe('RESTART_003 backup failed: it took longer than 100 s');
  });

  it('in verification fails the restart where there is no way back', () => {
    const story = asked({}, makeService({ restart: { steps: [mainStep], after: everything.after } }));
    carryOut(story);
    carryOut(story);
    staysDown(story);
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'the service did not become healthy in time' });
    // Everything was done; it is the service that did not come up.
    expect(restartView(story.state())).toMatchObject({ acts: [{ state: 'done' }, { state: 'done' }], code: null });
  });

  it('takes the look that was asked for with it when it is taken back', () => {
    const story = upTo('after');
    carryOut(story);
    expect(story.pending('probe')).toHaveLength(1);
    staysDown(story);
    expect(story.pending('probe')).toEqual([]);
  });
});

describe('a service that was well before a person restarted it', () => {
  const wellBefore = (story: Story) => {
    begin(story);
    fail(story);
    return story;
  };
  const notTouched = [
    ['the hook before it failed', () => wellBefore(upTo('before'))],
    ['its configuration is not valid, and the hook is undone', () => upToEnd(wellBefore(upTo('validate')))],
    [
      'its configuration is not valid, and the hook could not be undone',
      () => wellBefore(wellBefore(upTo('validate'))),
    ],
    ['its step could not be sent', () => wellBefore(upTo('restart', asked({}, serviceOf({ before: undefined }))))],
  ] as const;
  const upToEnd = (story: Story) => {
    carryOut(story);
    return story;
  };

  it.each(notTouched)('is not called unhealthy where nothing was done to it: %s', (_, failing) => {
    const story = failing();
    expect(story.restart().phase).toBe('failed');
    expect(story.state()).toMatchObject({
      health: 'degraded',
      incident: { failureType: 'restart_failed', restarts: 0 },
    });
    expect(story.told()).toEqual(['error restart_failed']);
    expect(story.records().at(-1)).toMatchObject({ kind: 'restart_failed', details: { health: 'degraded' } });
  });

  const touched = [
    ['it is taken back', () => upToEnd(recovering('rollback'))],
    ['it could not be taken back', () => wellBefore(recovering('restore'))],
    [
      'there is no way back',
      () => {
        const story = upTo(
          'restart',
          asked({}, serviceOf({ before: undefined, configuration: undefined, rollback: undefined })),
        );
        begin(story);
        send(story);
        fail(story);
        return story;
      },
    ],
  ] as const;

  it.each(touched)('is unhealthy where it was: %s', (_, failing) => {
    const story = failing();
    expect(story.restart().phase).toBe('failed');
    expect(story.state()).toMatchObject({
      health: 'unhealthy',
      incident: { failureType: 'restart_failed', restarts: 1 },
    });
    expect(story.records().at(-1)).toMatchObject({ kind: 'restart_failed', details: { health: 'unhealthy' } });
  });
});

describe('a verification whose first look comes late', () => {
  const late = () => {
    const story = asked({}, makeService({ restart: { steps: [mainStep], warmUpSeconds: 0 } }));
    carryOut(story);
    return story.wait(120);
  };

  it('goes on while the service answers, and completes', () => {
    const story = late();
    story.happens(up(story.now()));
    story.happens(tick());
    expect(story.restart().phase).toBe('verifying');
    story.wait(5).happens(up(story.now()));
    expect(story.restart().phase).toBe('completed');
  });

  it.each([0, 1_000])('fails as soon as it does not answer: the last answer %i ms before the end', (early) => {
    const story = late();
    story.happens(up(story.now() - early));
    story.happens(tick());
    expect(story.restart().phase).toBe('verifying');
    story.wait(5).happens(down(story.now()));
    story.happens(tick());
    expect(story.restart().phase).toBe('failed');
  });
});

describe('the wait for requests', () => {
  it('asks for a count at once, and every two seconds while there are some', () => {
    const story = upTo('drain');
    expect(story.restart()).toMatchObject({ phase: 'waiting_requests', deadlineAt: story.now() + 40_000 });
    expect(story.records().at(-1)).toMatchObject({
      kind: 'requests_awaited',
      message: 'waiting up to 40 s for requests under way',
    });
    expect(story.pending('probe')).toEqual([expect.objectContaining({ dueAt: story.now() })]);
    count(story.wait(1), 7);
    expect(story.restart()).toMatchObject({ activeRequests: 7, touchedAt: story.now() });
    expect(restartView(story.state())).toMatchObject({ activeRequests: 7, phase: 'waiting_requests' });
    expect(story.pending('probe')).toEqual([expect.objectContaining({ dueAt: story.now() + 2_000 })]);
    count(story.wait(2), undefined);
    expect(story.restart()).toMatchObject({ phase: 'waiting_requests', activeRequests: undefined });
    count(story.wait(2), 0);
    expect(story.restart()).toMatchObject({ phase: 'restarting', activeRequests: 0 });
    expect(act(story)).toBe('restart');
    expect(story.pending('probe')).toEqual([]);
    expect(story.orders()).toBe(1);
  });

  it('ends when its time is up, which is no failure', () => {
    const story = upTo('drain');
    count(story.wait(39), 3);
    story.wait(1);
    const before = story.state().restart;
    count(story, 3);
    expect(story.state().restart).toBe(before);
    story.happens(tick());
    expect(story.restart()).toMatchObject({ phase: 'restarting', activeRequests: 3 });
    expect(story.pending('probe')).toEqual([]);
    expect(story.orders()).toBe(1);
  });

  const upToTheEnd = (counts: readonly (number | undefined)[]) => {
    const story = upTo('drain');
    for (const active of counts) count(story.wait(2), active);
    if (story.restart().phase === 'waiting_requests') story.wait(40).happens(tick());
    return story;
  };
  it.each([
    [[2, 0], 'info', 'no request is under way', { activeRequests: 0 }],
    [[5, 3], 'warning', 'time is up; requests still under way: 3', { activeRequests: 3 }],
    [[3, undefined], 'warning', 'time is up; how many requests are under way is not known', undefined],
    [[], 'warning', 'time is up; how many requests are under way is not known', undefined],
  ] as const)('is told of by how it ended: of %j', (counts, level, how, details) => {
    const story = upToTheEnd(counts);
    expect(story.restart().phase).toBe('restarting');
    const told = {
      kind: 'restart_act_done',
      level,
      message: `drain: ${how}`,
      action: 'restart',
      actionResult: 'pending',
    };
    expect(story.records().at(-1)).toEqual({ ...told, restartId: story.restart().id, ...(details && { details }) });
  });

  it.each([
    [{ drainSeconds: 5 }, service, 5],
    [{}, service, 40],
  ])('asked with %j takes so long: $2 s', (change, of, seconds) => {
    const story = upTo('drain', asked(change, of));
    expect(story.restart().deadlineAt).toBe(story.now() + seconds * 1000);
  });

  it('of a restart whose setting has gone meanwhile takes half a minute', () => {
    const start = upTo('backup');
    const story = tell(makeService({ restart: { steps: [mainStep] } }), start.state()).wait(100);
    carryOut(story);
    expect(story.restart()).toMatchObject({ phase: 'waiting_requests', deadlineAt: story.now() + 30_000 });
  });

  it('is the first act where there is no hook: whoever begins it sends nothing', () => {
    const story = asked({}, makeService({ restart: { steps: [mainStep], drain: everything.drain } }));
    begin(story);
    expect(story.restart()).toMatchObject({ phase: 'waiting_requests', begunAt: undefined });
    expect(maySend(story.restart(), story.now())).toBe(false);
    expect(story.orders()).toBe(0);
    expect(story.recorded().slice(-2)).toEqual(['restart_begun', 'requests_awaited']);
    const before = story.state();
    expect(begin(story).state).toBe(before);
  });

  it('takes a count once, and none of another restart or of another time', () => {
    const story = upTo('drain');
    const [look] = story.pending('probe');
    const drained = { kind: 'drained', restartId: 'rst-other', active: 0, intentId: look!.id, jitter: 0 } as const;
    story.happens(drained);
    expect(story.restart().phase).toBe('waiting_requests');
    const before = story.state();
    expect(story.happens({ ...drained, restartId: story.restart().id }).state).toBe(before);
    const verifying = upTo('after');
    carryOut(verifying);
    const [other] = verifying.pending('probe');
    verifying.happens({ ...drained, restartId: verifying.restart().id, intentId: other!.id });
    expect(verifying.restart().phase).toBe('verifying');
  });
});

describe('what a restart would destroy', () => {
  it('is kept once, with the incident, and cut', () => {
    const story = upTo('before');
    expect(story.reports({ kind: 'evidence', text: 'early' }).intents).toEqual([]);
    begin(story);
    story.reports({ kind: 'evidence', text: 'x'.repeat(5_000) });
    expect(story.restart().hasEvidence).toBe(true);
    expect(story.records().at(-1)).toMatchObject({ kind: 'evidence', level: 'info', message: 'x'.repeat(4_000) });
    const before = story.state();
    expect(story.reports({ kind: 'evidence', text: 'again' }).state).toBe(before);
  });
});

describe('a reload', () => {
  it('goes by its own step, waits for nothing, and is not rolled back', () => {
    const story = asked({ mode: 'reload' });
    expect(story.restart()).toMatchObject({ mode: 'reload', stepIndex: 0, step: service.restart.reload });
    expect(story.restart().acts.map(({ kind }) => kind)).not.toContain('drain');
    expect(story.records().at(-1)!.message).toBe('reload by Lamplighter-RestartLinux on i-0abc ordered: it hangs');
    upTo('restart', story);
    begin(story);
    send(story);
    fail(story);
    expect(story.restart().acts.map(({ kind }) => kind)).toEqual(['restore']);
  });

  it('is refused where none is registered', () => {
    const plain = tell(makeService({ restart: { steps: [mainStep] } }), healthy);
    expect(plain.happens(request({ mode: 'reload' })).refusal).toMatchObject({
      code: 'NO_RELOAD',
      message: 'the service cannot be reloaded; register a step under restart.reload',
    });
  });

  it('waits for its own verification where its step says so', () => {
    const reload = { ...everything.reload, warmUpSeconds: 1, verifyTimeoutSeconds: 7 };
    const story = asked({ mode: 'reload' }, makeService({ restart: { reload } }));
    carryOut(story);
    expect(story.restart()).toMatchObject<Partial<Restart>>({
      holdUntil: story.now() + 1_000,
      deadlineAt: story.now() + 8_000,
    });
  });
});
