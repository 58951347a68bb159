// A registration with a few settings changed, as a what-if asks for them or as the service's own history suggests them.
import { type Registration, toService } from '../model/service.ts';

/** The settings to change; what is left out stays as registered. */
export type Asked = Readonly<{
  failureThreshold?: number | undefined;
  successThreshold?: number | undefined;
  windowFailures?: number | undefined;
  windowOf?: number | undefined;
  intervalSeconds?: number | undefined;
  mode?: 'off' | 'observe' | 'on' | undefined;
}>;

/**
 * The document with the settings asked for. If the threshold is raised above a window that the document names, the
 * window is raised too, unless one was asked for: below the threshold it would fire first, and no registration may have
 * that.
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
