// From when a restart counts for the budget: an order may wait in its queue for minutes before it is sent.
import { describe, expect, it } from 'vitest';

import { makeService } from '../../make/service.ts';
import { tell, times } from '../../make/story.ts';

const service = makeService({
  restart: {
    steps: [{ kind: 'ecs', cluster: 'prod', service: 'billing' }],
    maxRestarts: 1,
    windowSeconds: 300,
    backoffSeconds: 0,
  },
});
const begun = (leaseUntil: number) =>
  ({ kind: 'begun', before: 'old', leaseUntil, fleet: { restartsOn: true } }) as const;

describe('a restart that waited before it was sent', () => {
  it('counts from its sending, so that no window holds more than the budget', () => {
    const story = tell(service).sees(times(3, 'down'));
    const orderedAt = story.now();
    story.wait(120);
    story.reports(begun(story.now() + 20_000));
    story.reports({ kind: 'sent', handle: 'new', adopted: false });
    expect(story.state().restartTimes).toEqual([orderedAt + 120_000]);
    story.reports({ kind: 'failed', reason: 'the tasks did not start' });

    // Four beats later the order has left the window, its sending has not.
    story.sees(times(4, 'down'));
    expect(story.now() - orderedAt).toBeGreaterThan(300_000);
    expect(story.state().incident).toMatchObject({ handsOff: 'limit' });
    expect(story.state().totalRestarts).toBe(1);
  });

  it('counts to the end of its lease while nobody knows whether it was sent', () => {
    const story = tell(service).sees(times(3, 'down')).wait(60);
    story.reports(begun(story.now() + 20_000));
    expect(story.state().restartTimes).toEqual([story.now() + 20_000]);
  });
});
