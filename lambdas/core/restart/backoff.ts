// How long to wait before the next restart.
import type { Service } from '../model/service.ts';

/**
 * Milliseconds to wait after the n-th restart inside the window: doubles from `backoffSeconds` up to
 * `maxBackoffSeconds`, half of it fixed and half spread by `jitter` in [0, 1) ("equal jitter", as in the AWS
 * Architecture Blog's "Exponential Backoff And Jitter").
 */
export function backoffMs(policy: Service['restart'], restartsInWindow: number, jitter: number): number {
  const doubled = policy.backoffSeconds * 2 ** Math.max(0, Math.min(restartsInWindow, 32) - 1);
  const capped = Math.min(doubled, policy.maxBackoffSeconds) * 1000;
  return Math.round(capped / 2 + (capped / 2) * jitter);
}

/** How many restarts were ordered inside the sliding window that ends now. */
export function restartsInWindow(
  { windowSeconds }: Service['restart'],
  restartTimes: readonly number[],
  now: number,
): number {
  return restartTimes.filter((at) => at > now - windowSeconds * 1000).length;
}
