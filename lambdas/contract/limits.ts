// How long each function may take, in seconds: for the stack, for one-machine mode, and for the leases that must be
// longer.
import type { FunctionName } from './env.ts';

/** Restart and alert stay below the 20 s for which their flows take a lease or a claim. */
export const functionTimeoutSeconds: Readonly<Record<FunctionName, number>> = {
  schedule: 15,
  probe: 50,
  restart: 15,
  alert: 15,
  api: 15,
  register: 30,
  /** Runs are five minutes apart. */
  discover: 60,
  /** Runs are an hour apart; one begins nothing more after half of it. */
  rollup: 120,
  /** API Gateway waits for ten. */
  authorize: 8,
  /** Five for the secret, ten for the receiver, and the rest to put the next try off. */
  deliver: 25,
};
