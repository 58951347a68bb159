// Bugs in what keeps alerts few: alerts that are sent too often, and alerts that are held back though they matter.
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
