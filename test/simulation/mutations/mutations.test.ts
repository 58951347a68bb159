// The mutation check on a small scale: every bug still fits the code, one is really caught, and useless ones are
// reported as such.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { mutations } from './all.ts';
import { hunt, ROOT } from './hunt.ts';
import { mutated, type Mutation } from './mutation.ts';

const file = 'lambdas/core/health/tally.ts';
const from = 'downs >= policy.failureThreshold';
const HUNT = { seeds: 1, days: 0.05 };

describe('the deliberate bugs', () => {
  it('are at least twelve, each with a name of its own', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(12);
    expect(new Set(mutations.map(({ bug }) => bug)).size).toBe(mutations.length);
  });

  it.each(mutations)('$bug: fits the code once, and changes it', (mutation) => {
    expect(mutated(mutation, ROOT)).not.toBe(readFileSync(join(ROOT, mutation.file), 'utf8'));
  });
});

describe('a hunt', () => {
  const play = (bug: string, patch: Partial<Mutation>) => hunt({ bug, file, from, to: from, ...patch }, HUNT);

  it('catches a threshold that is off by one, and leaves the code itself alone', { timeout: 60_000 }, async () => {
    const before = readFileSync(join(ROOT, file), 'utf8');
    expect(await play('off by one', { to: `${from} - 1` })).toMatchObject({
      kind: 'caught',
      invariant: '2 thresholds; only verified answers close an incident',
    });
    expect(readFileSync(join(ROOT, file), 'utf8')).toBe(before);
  });

  it('says of what changes nothing that it survived', { timeout: 60_000 }, async () => {
    expect(await play('harmless', { to: `${from} + 0` })).toMatchObject({ kind: 'survived' });
  });

  it('says of code that does not run that it proves nothing', { timeout: 60_000 }, async () => {
    expect(await play('broken', { to: ')(' })).toMatchObject({ kind: 'useless' });
  });

  it('says of a bug that fits the code no longer that it proves nothing', async () => {
    expect(await play('outdated', { from: 'nobody wrote this' })).toMatchObject({
      kind: 'useless',
      why: expect.stringContaining('"outdated" does not fit'),
    });
  });
});
