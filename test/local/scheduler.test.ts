import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { startScheduler } from '../../local/scheduler.ts';

const START = Date.UTC(2026, 0, 5, 8, 0, 40, 250);

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

function start(tick: (scheduledTime: string) => Promise<void> = () => Promise.resolve()) {
  const ticks: string[] = [];
  const faults: unknown[] = [];
  const scheduler = startScheduler(
    (scheduledTime) => {
      ticks.push(scheduledTime.slice(11, 19));
      return tick(scheduledTime);
    },
    (error) => void faults.push(error),
  );
  return { scheduler, ticks, faults };
}

describe('the schedule of one machine', () => {
  it('ticks at once for the minute that is under way, and then at every whole minute', async () => {
    const { scheduler, ticks } = start();
    expect(ticks).toEqual(['08:00:00']);
    await vi.advanceTimersByTimeAsync(19_749);
    expect(ticks).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ticks).toEqual(['08:00:00', '08:01:00']);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ticks).toEqual(['08:00:00', '08:01:00', '08:02:00', '08:03:00']);
    scheduler.stop();
  });

  it('gives the scheduled time as EventBridge Scheduler does', () => {
    const times: string[] = [];
    const { scheduler } = start(async (scheduledTime) => void times.push(scheduledTime));
    expect(times).toEqual(['2026-01-05T08:00:00.000Z']);
    scheduler.stop();
  });

  it('ticks once more for all who ask within five seconds, at their end, and keeps to the minutes', async () => {
    const { scheduler, ticks } = start();
    for (let asked = 0; asked < 60; asked += 1) {
      scheduler.soon();
      await vi.advanceTimersByTimeAsync(80);
    }
    await vi.advanceTimersByTimeAsync(199);
    expect(ticks).toEqual(['08:00:00']);
    await vi.advanceTimersByTimeAsync(1);
    expect(ticks).toEqual(['08:00:00', '08:00:00']);
    await vi.advanceTimersByTimeAsync(14_750);
    expect(ticks).toEqual(['08:00:00', '08:00:00', '08:01:00']);
    scheduler.stop();
  });

  it('ticks once more in every five seconds in which it is asked to', async () => {
    const { scheduler, ticks } = start();
    for (let second = 0; second < 12; second += 1) {
      scheduler.soon();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(ticks).toHaveLength(3);
    scheduler.stop();
  });

  it('does not tick once more when a whole minute comes first', async () => {
    const { scheduler, ticks } = start();
    await vi.advanceTimersByTimeAsync(14_750);
    scheduler.soon();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ticks).toEqual(['08:00:00', '08:01:00']);
    scheduler.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ticks).toEqual(['08:00:00', '08:01:00', '08:01:00']);
    scheduler.stop();
  });

  it('reports a tick that fails, and goes on', async () => {
    const fault = new Error('no table');
    const { scheduler, ticks, faults } = start(() => Promise.reject(fault));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ticks).toHaveLength(2);
    expect(faults).toEqual([fault, fault]);
    scheduler.stop();
  });

  it('ticks no more once it is stopped', async () => {
    const { scheduler, ticks } = start();
    scheduler.soon();
    scheduler.stop();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(ticks).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
