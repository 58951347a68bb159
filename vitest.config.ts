// How the tests run: everything on loopback, coverage per folder, core complete.
import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The count that CI prints last comes from the runner itself.
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    // Many tests wait for processes that are killed and come back; a core can do something else meanwhile.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['lambdas/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        'lambdas/core/**': { statements: 100, branches: 100, functions: 100, lines: 100 },
      },
    },
  },
});
