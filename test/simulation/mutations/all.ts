// Every deliberate bug. A new one is an entry here; the text that it patches must occur exactly once in its file.
import { actMutations } from './acts.ts';
import { aroundMutations } from './around.ts';
import { deliveryMutations } from './delivery.ts';
import { ecsShortageMutations } from './ecs-shortage.ts';
import type { Mutation } from './mutation.ts';
import { noiseMutations } from './noise.ts';
import { restartMutations } from './restarts.ts';
import { roundMutations } from './rounds.ts';
import { standingOnMutations } from './standing-on.ts';
import { verdictMutations } from './verdicts.ts';

export const mutations: readonly Mutation[] = [
  ...verdictMutations,
  ...ecsShortageMutations,
  ...restartMutations,
  ...actMutations,
  ...roundMutations,
  ...deliveryMutations,
  ...aroundMutations,
  ...standingOnMutations,
  ...noiseMutations,
];
