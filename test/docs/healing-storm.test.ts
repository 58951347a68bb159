// The worked examples of the storm guard and of the slots in docs/healing.md, lived through.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { Census } from '../../lambdas/contract/messages.ts';
import { newsOwed, noStorms, stormIn, stormOver, stormWords, told } from '../../lambdas/core/health/storm.ts';
import { weathered } from '../../lambdas/core/health/weathered.ts';
import { noSlots, withoutSlots, withSlot } from '../../lambdas/core/restart/restart-slots.ts';
import { checkSettings } from '../../lib/settings.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const linesOf = (name: string): string[][] =>
  (new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '')
    .trim()
    .split('\n')
    .map((line) => line.split('->').map((part) => part.trim()));

const { storm, maxAtOnce } = checkSettings({}, 'the defaults').restart;
const rules = { share: storm.share, least: storm.least, cooldownMs: storm.cooldownSeconds * 1000 };

describe('the chapter on the storm guard', () => {
  it('names the defaults', () => {
    expect(page).toContain(`With the defaults, ${storm.least} and ${storm.share}:`);
    expect(page).toContain(`\`cooldownSeconds\` (${storm.cooldownSeconds})`);
    expect(page).toContain(`\`restart.maxAtOnce\` (${maxAtOnce})`);
    expect(linesOf('storm')).toHaveLength(5);
  });

  it.each(linesOf('storm'))('is right about %s', (groups, outcome) => {
    const counted = groups!.split(', ').map((text) => /^(.+): (\d+) of (\d+)$/.exec(text)!);
    const census: Census = Object.fromEntries(
      counted.map(([, group, failing, services]) => [group!, { failing: Number(failing), services: Number(services) }]),
    );
    const seen = stormIn(census, Object.keys(census), rules);
    expect(seen ? stormWords(seen) : 'restarts go on').toBe(outcome);
  });

  it('is right about what happens minute by minute', () => {
    let storms = noStorms;
    const lines = linesOf('timeline');
    expect(lines).toHaveLength(4);
    for (const [at, outcome] of lines) {
      const [, hours, minutes, failing, services] = /^(\d+):(\d+) (\d+) of (\d+) fail$/.exec(at!)!.map(Number);
      const now = (hours! * 60 + minutes!) * 60_000;
      const census = { fleet: { services: services!, failing: failing! } };
      const sighting = stormIn(census, ['fleet'], rules);
      storms = weathered(storms, { sightings: sighting ? [sighting] : [], census, isGuarding: true }, now, rules);
      const [owed] = storms.storms;
      const news = owed && newsOwed(owed);
      if (owed && news) storms = told(storms, owed.id, news, now);
      const held = stormOver(storms, ['fleet'], now, rules) ? 'nothing restarted' : 'restarts go on';
      expect([...(news ? [`alert ${news}`] : []), held].join(', ')).toBe(outcome);
    }
  });
});

describe('the chapter on restarts at once', () => {
  it('is right about who begins and who waits', () => {
    const [[first] = [], ...lines] = linesOf('slots');
    const most = Number(first!.replace('maxAtOnce ', ''));
    expect(lines).toHaveLength(8);
    let slots = noSlots;
    for (const [what, outcome] of lines) {
      const [kind, id] = what!.split(' ');
      if (kind === 'end') {
        slots = withoutSlots(slots, [id!]);
        expect(outcome).toBe('free');
        continue;
      }
      const slot = { restartId: id!, tenant: 'default', id: id!, until: 1_000 };
      const next = withSlot(slots, slot, kind === 'forced' ? Infinity : most, 0);
      expect(next ? 'begins' : 'waits').toBe(outcome);
      slots = next ?? slots;
    }
  });
});
