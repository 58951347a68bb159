// Every invariant, in the order of the rules in docs/architecture.md. A new one is a new file and a line here.
import { alertsOnce } from './alerts-once.ts';
import { budget } from './budget.ts';
import { handsOff } from './hands-off.ts';
import { heals } from './heals.ts';
import { heldExplained } from './held-explained.ts';
import type { Invariant } from './invariant.ts';
import { nothingLost } from './nothing-lost.ts';
import { ordersAllowed } from './orders-allowed.ts';
import { replays } from './replays.ts';
import { rowsTrue } from './rows-true.ts';
import { sentOnce } from './sent-once.ts';
import { settles } from './settles.ts';
import { storms } from './storms.ts';
import { thresholds } from './thresholds.ts';
import { underWay } from './under-way.ts';
import { unknownNeutral } from './unknown-neutral.ts';

export const invariants: readonly Invariant[] = [
  unknownNeutral,
  thresholds,
  ordersAllowed,
  underWay,
  budget,
  handsOff,
  alertsOnce,
  replays,
  sentOnce,
  nothingLost,
  heldExplained,
  storms,
  rowsTrue,
  heals,
  settles,
];
