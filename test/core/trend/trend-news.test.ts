// What is told of a trend: that it begins, changes or is over, and nothing of one that goes on.
import { describe, expect, it } from 'vitest';

import type { Trend } from '../../../lambdas/core/model/events.ts';
import { trendNews } from '../../../lambdas/core/trend/trend-news.ts';
import type { Window } from '../../../lambdas/core/trend/window.ts';
import { QUARTER_MS } from '../../../lambdas/core/trend/windows-of.ts';

const NOW = Date.UTC(2026, 0, 20, 12);
const HOUR = 4 * QUARTER_MS;
const DAY = 24 * HOUR;
const window = (at: number, p50Ms: number): Window => ({ at, up: 15, slow: 0, down: 0, unknown: 0, p50Ms });
const past = [1, 2, 3, 4, 5].flatMap((day) => [2, 1, 0].map((hour) => window(NOW - day * DAY - hour * HOUR, 100)));
const recent = (p50Ms: number) => Array.from({ length: 8 }, (_, nth) => window(NOW - (8 - nth) * QUARTER_MS, p50Ms));
const known: Trend = { kind: 'latency', since: NOW - HOUR, now: 240, usual: 100, message: 'Slow.' };

describe('news of a service', () => {
  it('are that it has begun to drift, as of the end of its newest window', () => {
    expect(trendNews({ past, recent: recent(240), known: undefined })).toEqual({
      ...{ kind: 'trend', at: NOW },
      trend: expect.objectContaining({ kind: 'latency', now: 240, usual: 100 }),
    });
  });

  it('are that this is over', () => {
    expect(trendNews({ past, recent: recent(100), known })).toEqual({ kind: 'trend', at: NOW, trend: undefined });
  });

  it('are none where all is as usual, where it goes on, and where nothing can be told', () => {
    expect(trendNews({ past, recent: recent(100), known: undefined })).toBeUndefined();
    expect(trendNews({ past, recent: recent(300), known })).toBeUndefined();
    expect(trendNews({ past, recent: [], known })).toBeUndefined();
    expect(trendNews({ past: [], recent: recent(300), known: undefined })).toBeUndefined();
  });
});
