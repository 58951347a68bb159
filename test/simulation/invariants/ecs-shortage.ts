// A service with an `ecs` probe is down if some of its tasks were lost and not replaced within its grace, and then
// without fail; never because more tasks are wanted, or some drain.
import { HOUR_MS, MAX_SKEW_MS } from '../world/clocks.ts';
import type { Invariant } from './invariant.ts';

export const ecsShortage: Invariant = {
  name: 'too few tasks are down when some were lost, and only then',
  onEcsAsked({ shortage: { running, lackingMs, isPlain }, graceMs, verdict }, check) {
    if (running === 0) return check(verdict === 'down', () => `none of its tasks runs, and it is ${verdict}`);
    if (verdict === 'down')
      check(lackingMs > graceMs - MAX_SKEW_MS, () => `it is called down, and lacks tasks for ${lackingMs / 1000} s`);
    // After an hour ECS no longer reports that there were others.
    else if (isPlain && lackingMs < HOUR_MS - MAX_SKEW_MS)
      check(lackingMs <= graceMs + MAX_SKEW_MS, () => `it lacks tasks for ${lackingMs / 1000} s, and is ${verdict}`);
  },
};
