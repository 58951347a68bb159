// What docs/noise.md says of many services is played by the very flow.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { alertLevels } from '../../lambdas/core/model/service.ts';
import { checkSettings } from '../../lib/settings.ts';
import { keysIn, telling } from '../alert/telling.ts';
import { documentFor } from '../make/alerts.ts';

const page = readFileSync(new URL('../../docs/noise.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body = '']) => body);
const [settings = ''] = blocks('yaml');
const { quietHours, groupSeconds } = checkSettings(parse(settings), 'docs/noise.md').alerts;

/** Plays the lines of a block, and writes down what became of each. */
async function play(block: string, rules: Parameters<typeof telling>[1]): Promise<string> {
  const set = telling(undefined, rules);
  // In winter Berlin is an hour ahead; the day before, so that the first line is no later than the clock.
  let day = Date.parse('2026-01-06T00:00:00+01:00');
  let last = '';
  const lines: string[] = [];
  for (const [nth, line] of block.trimEnd().split('\n').entries()) {
    const [time = '', level = '', service = ''] = line.split(/\s+/);
    if (time < last) day += 86_400_000;
    last = time;
    const at = day + Date.parse(`1970-01-01T${time}Z`);
    while (set.queues.window.nextAt() <= at) {
      set.clock.set(set.queues.window.nextAt());
      await set.deliver();
    }
    set.clock.set(at);
    if (level === 'message') {
      lines.push(`${time}  message of ${set.published.slice(-1).flatMap(keysIn).length}`);
      expect(set.published.length, line).toBe(told + 1);
      told += 1;
      continue;
    }
    expect(set.published.length, line).toBe(told);
    const known = alertLevels.find((one) => one === level)!;
    await set.tell(documentFor(service, { level: known, deduplicationKey: `k${nth}` }));
    const isTold = set.published.length > told;
    told = set.published.length;
    lines.push(`${time}  ${level.padEnd(8)}  ${service.padEnd(8)}  ${isTold ? 'at once' : 'kept'}`);
  }
  return `${lines.join('\n')}\n`;
}
let told = 0;

describe('the page of noise, across services', () => {
  it('shows what is collected and what goes out at once', async () => {
    const [block = ''] = blocks('told');
    told = 0;
    expect(await play(block, { groupMs: groupSeconds * 1000 })).toBe(block.replaceAll('collected', 'kept'));
  });

  it('shows what waits for the end of quiet hours', async () => {
    const [block = ''] = blocks('quiet');
    told = 0;
    expect(await play(block, { groupMs: 0, quietHours })).toBe(block.replaceAll('waits', 'kept'));
  });
});
