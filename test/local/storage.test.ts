import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';

import { openStorage } from '../../local/storage.ts';

const schema = z.object({ n: z.number() });

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lamplighter-storage-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('a collection', () => {
  it('keeps, replaces, lists by key and removes', async () => {
    const storage = await openStorage(folder());
    const numbers = storage.collection('numbers', schema);
    await numbers.put('b', { n: 1 });
    await numbers.put('a', { n: 2 });
    await numbers.put('b', { n: 3 });
    expect(await numbers.get('b')).toEqual({ n: 3 });
    expect(await numbers.all()).toEqual([
      ['a', { n: 2 }],
      ['b', { n: 3 }],
    ]);
    await numbers.remove('b');
    await numbers.remove('never there');
    expect(await numbers.get('b')).toBeUndefined();
    expect(await numbers.all()).toHaveLength(1);
    await storage.close();
  });

  it('holds nothing of another one', async () => {
    const storage = await openStorage(folder());
    await storage.collection('numbers', schema).put('a', { n: 1 });
    const others = storage.collection('others', schema);
    expect([await others.get('a'), await others.all()]).toEqual([undefined, []]);
    await storage.close();
  });

  it('is there again when the folder is opened again', async () => {
    const path = folder();
    const before = await openStorage(path);
    await before.collection('numbers', schema).put('a', { n: 1 });
    await before.close();
    const after = await openStorage(path);
    expect(await after.collection('numbers', schema).get('a')).toEqual({ n: 1 });
    await after.close();
  });

  it('is decoded when it is read', async () => {
    const storage = await openStorage(folder());
    await storage.collection('numbers', z.object({ n: z.string() })).put('a', { n: 'one' });
    const numbers = storage.collection('numbers', schema);
    await expect(numbers.get('a')).rejects.toThrow('expected number');
    await expect(numbers.all()).rejects.toThrow('expected number');
    await storage.close();
  });

  it('can be held by one process only', async () => {
    const path = folder();
    const storage = await openStorage(path);
    await expect(openStorage(path)).rejects.toThrow();
    await storage.close();
  });
});
