// A registration with a few settings changed: as a what-if asks for it, or as its own history suggests it.
import { type Registration, toService } from '../model/service.ts';

/** What is left out stays as it is registered. */
export type Asked = Readonly<{
  failureThreshold?: number | undefined;
  successThreshold?: number | undefined;
  windowFailures?: number | undefined;
  windowOf?: number | undefined;
  intervalSeconds?: number | undefined;
  mode?: 'off' | 'observe' | 'on' | undefined;
}>;

/**
 * The document with what was asked for. A window that the document names goes up with a threshold above it, unless one
 * was asked for too: below the threshold it would fire first, and no registration may say that.
 */
export function withAsked(document: Registration, asked: Asked): Registration {
  const { policy, probe, restart } = document;
  const changed: Registration = {
    ...document,
    policy: {
      ...policy,
      failureThreshold: asked.failureThreshold ?? policy.failureThreshold,
      successThreshold: asked.successThreshold ?? policy.successThreshold,
    },
    probe: { ...probe, intervalSeconds: asked.intervalSeconds ?? probe.intervalSeconds },
    restart: { ...restart, mode: asked.mode ?? restart.mode },
  };
  return { ...changed, policy: { ...changed.policy, window: windowOf(changed, asked) } };
}

function windowOf(changed: Registration, { windowFailures, windowOf: of }: Asked): Registration['policy']['window'] {
  const { failureThreshold, window } = toService(changed).policy;
  if (windowFailures !== undefined || of !== undefined)
    return { failures: windowFailures ?? window.failures, of: of ?? window.of };
  if (!changed.policy.window) return undefined;
  const short = Math.max(0, failureThreshold - window.failures);
  return { failures: window.failures + short, of: Math.min(64, window.of + short) };
}
