// Hunts for a bug: the production code is copied with the simulation into a folder of its own, patched there, and seeds
// are played until one of them violates an invariant.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { Outcome } from '../run.ts';
import { applyMutation, type Mutation } from './mutation.ts';

export const ROOT = join(import.meta.dirname, '../../..');
/** What the simulation needs to run. */
const COPIED = ['package.json', 'lambdas', 'test/simulation', 'test/fakes', 'test/make'];

type Hunt = Readonly<{ seeds: number; days: number }>;
export type Catch = Readonly<{ bug: string; seconds: number } & Found>;
/**
 * `survived`: no seed found it. `useless`: the patch does not fit, its code does not run, or the seed fails without the
 * bug too.
 */
type Found =
  | { kind: 'caught'; seed: number; invariant: string; complaint: string }
  | { kind: 'survived' }
  | { kind: 'useless'; why: string };

/** Touches nothing outside a temporary folder. */
export async function hunt(mutation: Mutation, options: Hunt): Promise<Catch> {
  const begun = performance.now();
  const copy = mkdtempSync(join(tmpdir(), 'lamplighter-mutation-'));
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const found = await search(mutation, copy, options);
    return { bug: mutation.bug, seconds: (performance.now() - begun) / 1000, ...found };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function search(mutation: Mutation, copy: string, { seeds, days }: Hunt): Promise<Found> {
  try {
    applyMutation(mutation, copy);
    const outcome = await firstViolation(copy, 1, seeds, days);
    if (!outcome?.violation) return { kind: 'survived' };
    const { seed, violation } = outcome;
    // A seed that fails without the bug has not found the bug.
    if (await firstViolation(ROOT, seed, seed, days))
      return { kind: 'useless', why: `seed ${seed} violates an invariant without it too` };
    return { kind: 'caught', seed, invariant: violation.invariant, complaint: violation.complaint };
  } catch (error) {
    return { kind: 'useless', why: String(error) };
  }
}

/** Plays the seeds in order, with the code below `root`, in a thread that ends with it. */
function firstViolation(root: string, first: number, last: number, days: number): Promise<Outcome | undefined> {
  const worker = new Worker(pathToFileURL(join(root, 'test/simulation/worker.ts')), { workerData: { days } });
  const found = new Promise<Outcome | undefined>((resolve, reject) => {
    worker.on('message', (outcome: Outcome) => {
      if (outcome.violation) resolve(outcome);
      else if (outcome.seed === last) resolve(undefined);
      else worker.postMessage(outcome.seed + 1);
    });
    worker.on('error', reject);
    worker.postMessage(first);
  });
  return found.finally(() => worker.terminate());
}
