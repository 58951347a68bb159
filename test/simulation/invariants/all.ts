// Every invariant, in the order of the rules in docs/architecture.md. A new one is a new file and a line here.
import { actsInOrder } from './acts-in-order.ts';
import { alertsOnce } from './alerts-once.ts';
import { budget } from './budget.ts';
import { cancelledSendsNothing } from './cancelled-sends-nothing.ts';
import { cascadesOrdered } from './cascades.ts';
import { counted } from './counted.ts';
import { dependencies } from './dependencies.ts';
import { drainedFirst } from './drained-first.ts';
import { ecsShortage } from './ecs-shortage.ts';
import { eventBus } from './event-bus.ts';
import { folded } from './folded.ts';
import { handsOff } from './hands-off.ts';
import { heals } from './heals.ts';
import { heldExplained } from './held-explained.ts';
import type { Invariant } from './invariant.ts';
import { ladderHeals } from './ladder-heals.ts';
import { noise } from './noise.ts';
import { nothingLost } from './nothing-lost.ts';
import { ordersAllowed } from './orders-allowed.ts';
import { overtaken } from './overtaken.ts';
import { ownDeployments } from './own-deployments.ts';
import { pausesHold } from './paused.ts';
import { phasesAllowed } from './phases.ts';
import { preparedFirst } from './prepared-first.ts';
import { refusedOrders } from './refused-orders.ts';
import { replays } from './replays.ts';
import { rowsTrue } from './rows-true.ts';
import { sentOnce } from './sent-once.ts';
import { settles } from './settles.ts';
import { slots } from './slots.ts';
import { stopRounds } from './stop-rounds.ts';
import { storms } from './storms.ts';
import { takenBack } from './taken-back.ts';
import { thresholds } from './thresholds.ts';
import { underWay } from './under-way.ts';
import { undone } from './undone.ts';
import { unknownNeutral } from './unknown-neutral.ts';
import { warned } from './warned.ts';

export const invariants: readonly Invariant[] = [
  unknownNeutral,
  overtaken,
  thresholds,
  ordersAllowed,
  underWay,
  // Before the budget, because something sent twice uses that up too.
  sentOnce,
  budget,
  handsOff,
  alertsOnce,
  noise,
  replays,
  phasesAllowed,
  actsInOrder,
  preparedFirst,
  drainedFirst,
  cancelledSendsNothing,
  takenBack,
  undone,
  stopRounds,
  ownDeployments,
  refusedOrders,
  nothingLost,
  eventBus,
  heldExplained,
  storms,
  dependencies,
  folded,
  warned,
  cascadesOrdered,
  pausesHold,
  slots,
  rowsTrue,
  counted,
  ecsShortage,
  heals,
  ladderHeals,
  settles,
];

export type Hook = Exclude<keyof Invariant, 'name'>;
export type Told<H extends Hook> = NonNullable<Invariant[H]>;

/** Most invariants listen to few hooks: the list for each hook is built once, not at every event. */
const hearing = <H extends Hook>(hook: H): readonly Readonly<{ name: string; index: number; tell: Told<H> }>[] =>
  invariants.flatMap((invariant, index) => {
    const { name, [hook]: tell } = invariant;
    return tell ? [{ name, index, tell }] : [];
  });
export const hooked: { readonly [H in Hook]: ReturnType<typeof hearing<H>> } = {
  onCommit: hearing('onCommit'),
  onSent: hearing('onSent'),
  onTaskStopped: hearing('onTaskStopped'),
  onRoundsEnded: hearing('onRoundsEnded'),
  onPublished: hearing('onPublished'),
  onStormTold: hearing('onStormTold'),
  onSeenDown: hearing('onSeenDown'),
  onEcsAsked: hearing('onEcsAsked'),
  onRow: hearing('onRow'),
  onEnd: hearing('onEnd'),
};
