// Bugs in what keeps alerts few: what is told too often, and what is held back though it matters.
import type { Mutation } from './mutation.ts';

export const noiseMutations: readonly Mutation[] = [
  {
    bug: 'a reminder in an acknowledged incident',
    file: 'lambdas/core/health/reminders.ts',
    from: 'const isHeld = now < until;',
    to: 'const isHeld = false;',
  },
  {
    bug: 'recovered held back while it flaps, though the incident was told',
    file: 'lambdas/core/health/held-back.ts',
    from: "if (kind === 'recovered') return",
    to: "if (kind === 'recovered' && !state.flapping) return",
  },
];
