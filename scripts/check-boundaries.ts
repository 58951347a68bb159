// Runs dependency-cruiser and fails if it read too few modules: with a compiler that it cannot use it reads none and
// reports no violation.
import { execFileSync } from 'node:child_process';

import * as z from 'zod';

const folders = ['lambdas', 'lib', 'bin', 'local', 'scripts'];
const LEAST_MODULES = 60;

const summarySchema = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
  modules: z.array(z.object({ source: z.string() })),
});

function cruise(): z.infer<typeof summarySchema> {
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders];
  const output = execFileSync('depcruise', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return summarySchema.parse(JSON.parse(output));
}

const { summary, modules } = cruise();
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
const own = modules.filter(({ source }) => folders.some((folder) => source.startsWith(`${folder}/`))).length;
console.log(`boundaries: ${own} modules of our own, ${summary.violations.length} breaches`);
if (summary.violations.length > 0 || own < LEAST_MODULES) process.exit(1);
