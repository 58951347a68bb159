// What the ladder and the way back are for: a service that the first step does not heal is healed by the second one,
// and one with a broken revision by a rollback, if nothing else goes wrong.
import type { Invariant } from './invariant.ts';

export const ladderHeals: Invariant = {
  name: 'what resists the first step is healed',
  onEnd({ resistsSince, service, orders }, check) {
    if (resistsSince === undefined) return;
    const sent = orders.flatMap(({ sentIds }) => sentIds).slice(-4);
    check(service.isWell, () => `it is ${service.liveness.verdict}, whatever was sent: ${sent.join(' ')}`);
  },
};
