// What comes late: an order that lay in its queue, whoever takes over from one that died, and the look that would have told
// that it is done.
import { describe, expect, it } from 'vitest';

import { makeService, ssmStep } from '../../make/service.ts';
import { type Story, tell, times } from '../../make/story.ts';

const serviceWith = (step: object) =>
  makeService({
    restart: { steps: [{ kind: 'ecs', cluster: 'prod', service: 'billing', ...step }], backoffSeconds: 0 },
  });
const ordered = (step: object = { timeoutSeconds: 60 }) => tell(serviceWith(step)).sees(times(3, 'down'));
const tick = { kind: 'ticked', jitter: 0 } as const;
const fleet = { restartsOn: true };
const begin = (story: Story) =>
  story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet });
const send = (story: Story) => story.reports({ kind: 'sent', handle: 'new', adopted: false });
const phaseAt = (story: Story, seconds: number) => (story.wait(seconds).happens(tick), story.restart().phase);

describe('an order whose time is over before any round has said so', () => {
  it.each([
    ['begin', begin],
    ['wait for a slot', (story: Story) => story.reports({ kind: 'waiting', reason: 'five are under way', fleet })],
  ])('is not carried out any more by whoever comes to %s', (_, come) => {
    const story = ordered().wait(15 * 60);
    come(story);
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'nobody carried the order out' });
    expect(story.restart().leaseUntil).toBeUndefined();
    expect(story.recorded()).not.toContain('restart_begun');
    expect(story.told()).toEqual(['warning unhealthy', 'error restart_failed']);
  });

  it('uses up neither the budget nor a step, however long nobody comes', () => {
    const steps = [{ kind: 'ecs' as const, cluster: 'prod', service: 'billing' }, ssmStep];
    const service = makeService({ restart: { steps, maxRestarts: 2, backoffSeconds: 0 } });
    const story = tell(service).sees(times(3, 'down'));
    for (let minute = 0; minute < 100; minute += 1) {
      story.sees(['down']);
      story.happens(tick);
    }
    const orders = story.recorded().filter((kind) => kind === 'restart_ordered').length;
    expect(orders).toBeGreaterThan(4);
    expect(story.state().incident?.handsOff).toBeUndefined();
    expect(story.told()).not.toContain('critical restart_limit_exceeded');
    // Then somebody comes.
    story.restarts();
    expect(story.restart()).toMatchObject({ stepIndex: 0, phase: 'verifying' });
    expect(story.state()).toMatchObject({ restartTimes: [story.now()], incident: { restarts: 1 } });
  });

  it('is carried out a moment before', () => {
    const story = ordered().wait(15 * 60 - 1);
    begin(story);
    expect(story.restart().phase).toBe('restarting');
  });

  it('is failed where somebody has begun it, and may have sent it', () => {
    const story = ordered();
    begin(story);
    begin(story.wait(150));
    expect(story.restart()).toMatchObject({ phase: 'failed', outcome: 'it took longer than 60 s' });
  });

  it('says nothing of one that was sent, whose looks go on', () => {
    const story = ordered();
    begin(story);
    send(story);
    const before = story.wait(3_600).state();
    expect(begin(story).state).toBe(before);
  });
});

describe('a step with little time', () => {
  it('is still sent by the invocation that takes over, and then has its time', () => {
    const story = ordered({ timeoutSeconds: 5 });
    begin(story);
    expect(phaseAt(story, 149)).toBe('restarting');
    begin(story);
    send(story.wait(1));
    expect(story.restart().deadlineAt).toBe(story.now() + 20_000);
  });

  it('is not waited for any longer than that takes', () => {
    const story = ordered({ timeoutSeconds: 5 });
    begin(story);
    expect(phaseAt(story, 150)).toBe('failed');
  });
});

describe('an order that was sent, when its time is over', () => {
  /** Sent, and looked after until 60 s later; its time is over 15 s after that. */
  const followed = () => {
    const story = ordered();
    begin(story);
    send(story);
    story.wait(60).reports({ kind: 'progress' });
    return story;
  };

  it('has failed where somebody has just seen it go on', () => {
    const story = followed();
    story.wait(10).reports({ kind: 'progress' });
    expect(phaseAt(story, 5)).toBe('failed');
    expect(story.restart().outcome).toBe('it took longer than 60 s');
  });

  it('has not where nobody came to look: it is handed over again, and what is found then counts', () => {
    const story = followed();
    expect(phaseAt(story, 89)).toBe('restarting');
    expect(story.orders()).toBe(0);
    expect(phaseAt(story, 1)).toBe('restarting');
    expect(story.orders()).toBe(1);
    story.reports({ kind: 'changed', identity: 'new', detail: 'deployed' });
    expect(story.restart()).toMatchObject({ phase: 'verifying', identity: 'new' });
  });

  it('has once that late look has seen it go on', () => {
    const story = followed();
    expect(phaseAt(story, 90)).toBe('restarting');
    story.reports({ kind: 'progress' });
    expect(phaseAt(story, 1)).toBe('failed');
  });

  it('has after five minutes in which nobody looked', () => {
    const story = followed();
    expect(phaseAt(story, 15 + 5 * 60 - 1)).toBe('restarting');
    expect(phaseAt(story, 1)).toBe('failed');
  });
});
