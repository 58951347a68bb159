// Bundles every function as the stack does and fails if one is over its budget of 450 kB, the SDK included.
import { readdirSync } from 'node:fs';

import { bundle } from '../lib/bundling/bundle.ts';

const BUDGET_BYTES = 450_000;

const functions = readdirSync(new URL('../lambdas', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => readdirSync(new URL(`../lambdas/${name}`, import.meta.url)).includes('handler.ts'));

let isOver = false;
for (const name of functions) {
  const bytes = await bundle(`lambdas/${name}/handler.ts`);
  isOver ||= bytes > BUDGET_BYTES;
  console.log(`${name.padEnd(9)} ${(bytes / 1000).toFixed(0).padStart(4)} kB of ${BUDGET_BYTES / 1000} kB`);
}
if (isOver) process.exit(1);
