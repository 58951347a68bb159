// The examples of docs/noise.md, lived through.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { heldReasons } from '../../lambdas/core/model/noise.ts';
import type { Verdict } from '../../lambdas/core/model/observation.ts';
import { registrationSchema, toService } from '../../lambdas/core/model/service.ts';
import { tick } from '../make/event.ts';
import { makeService } from '../make/service.ts';
import { makeState, T0 } from '../make/state.ts';
import { tell, times } from '../make/story.ts';

const page = readFileSync(new URL('../../docs/noise.md', import.meta.url), 'utf8');
const block = (name: string) => (new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '').trim();
const once = { failureThreshold: 1, successThreshold: 1 } as const;
const healthy = makeState({ health: 'healthy' });

describe('the page on noise', () => {
  it('shows settings that can be registered, and names every reason', () => {
    const { alerts } = toService(registrationSchema.parse(JSON.parse(block('json'))));
    expect(alerts).toMatchObject({ flapping: { incidents: 4 }, remindAfterMinutes: 30, escalateAfterMinutes: 15 });
    expect([...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, reason]) => reason)).toEqual([...heldReasons]);
  });

  it('is right about what is told of a service that flaps', () => {
    const story = tell(makeService({ policy: once }), healthy);
    story.sees(times(5, ['slow', 'up'] as Verdict[]).flat());
    for (const _ of times(70, 0)) story.wait(60).happens(tick());
    const told = new Map(story.alerts().map((alert) => [alert.deduplicationKey, alert]));
    const lines = [...told.values()].map(
      ({ at = 0, level, kind }) => `${`minute ${(at - T0) / 60_000}`.padEnd(9)} -> ${level} ${kind}`,
    );
    expect(lines.join('\n')).toBe(block('flapping'));
  });

  it('is right about when people are reminded', () => {
    const story = tell(makeService({ policy: once, restart: {} }), healthy).sees(times<Verdict>(3_400, 'down'));
    const reminders = story.alerts().filter(({ kind }) => kind === 'reminder');
    expect(reminders.map(({ at = 0, detectedAt }) => (at - detectedAt) / 60_000).join(', ')).toBe(block('reminders'));
  });
});
