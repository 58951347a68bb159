// What stands in the item of a service while nobody carries it out: the item must stay small enough to be written.
import { describe, expect, it } from 'vitest';

import type { Intent } from '../../../lambdas/core/model/intents.ts';
import { bounded } from '../../../lambdas/core/model/pending.ts';
import { makeService } from '../../make/service.ts';
import { makeState } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const MOST = 120_000;
const common = (number: number) => ({ id: `i${String(number).padStart(6, '0')}`, at: 0, handedAt: 0 });
const record = (number: number, characters = 20_000): Intent => ({
  ...common(number),
  kind: 'record',
  record: { kind: 'evidence', level: 'info', message: 'x'.repeat(characters), action: 'none' },
});
const alert = (number: number, characters = 20_000): Intent => ({
  ...common(number),
  kind: 'alert',
  alert: {
    ...{ kind: 'unhealthy', level: 'error', incidentId: 'inc', deduplicationKey: `inc:${number}`, restarts: 0 },
    ...{ message: 'x'.repeat(characters), detectedAt: 0 },
  },
});
const order = (number: number): Intent => ({ ...common(number), kind: 'restart', restartId: 'rst' });
const ids = (intents: readonly Intent[]) => intents.map(({ id }) => Number(id.slice(1)));
const sizeOf = (what: unknown) => JSON.stringify(what).length;

describe('what is pending', () => {
  it('is all kept as long as it fits, and a few always fit', () => {
    const small = Array.from({ length: 300 }, (_, index) => record(index, 200));
    expect(bounded(small)).toBe(small);
    const few = Array.from({ length: 6 }, (_, index) => record(index, 30_000));
    expect(bounded(few)).toBe(few);
  });

  it('loses the oldest lines of the timeline first, and of those no more than it must', () => {
    const pending = [alert(0), record(1), order(2), record(3), alert(4), record(5), alert(6), record(7)];
    expect(ids(bounded(pending))).toEqual([0, 2, 4, 5, 6, 7]);
  });

  it('loses alerts only when there are no lines left, the newest and orders never', () => {
    const pending = [order(0), alert(1), alert(2), alert(3), record(4), alert(5), alert(6), alert(7), alert(8)];
    expect(ids(bounded(pending))).toEqual(
      [0, 5, 6, 7, 8]
        .filter((id) => id !== 0)
        .toSpliced(0, 0, 0, 3)
        .toSorted(),
    );
    const lines = Array.from({ length: 7 }, (_, index) => record(index, 130_000));
    expect(ids(bounded(lines))).toEqual([6]);
  });
});

describe('a service of which people and timeline hear nothing for a night', () => {
  it('goes on being counted and restarted, in an item that can be written', () => {
    const restart = { steps: [{ kind: 'ecs', cluster: 'prod', service: 'billing' } as const], maxRestarts: 100 };
    const story = tell(makeService({ restart: { ...restart, windowSeconds: 600 } }), makeState({ health: 'healthy' }));
    let verified = 0;
    for (let outage = 0; outage < 120; outage += 1) {
      story.sees(['down', 'down', 'down']);
      story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet: { restartsOn: true } });
      story.reports({ kind: 'evidence', text: 'e'.repeat(4_000) });
      story.reports({ kind: 'sent', handle: 'new', adopted: false });
      story.reports({ kind: 'changed', identity: 'new', detail: 'deployed' });
      story.wait(15).sees(['up', 'up']);
      if (story.restart().phase === 'completed') verified += 1;
      expect(sizeOf(story.state())).toBeLessThan(MOST + 20_000);
    }
    expect(verified).toBe(120);
    expect(story.pending('alert')).toHaveLength(story.alerts().length);
  });
});
