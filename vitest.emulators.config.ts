// The tests that need the emulators of scripts/emulators.ts: one after the other, because each deploys or counts.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/emulators/**/*.emulator.ts'],
    fileParallelism: false,
    bail: 1,
    // CI adds their count to that of the others.
    reporters: process.env['CI'] ? ['verbose', ['json', { outputFile: 'coverage/emulators.json' }]] : ['verbose'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
