// Ready-made settings for the usual cases (requirement H14). A registration's own settings win over its profile.

export const profileNames = ['standard', 'critical', 'non-critical', 'observe-only'] as const;

type Profile = Readonly<{
  intervalSeconds: number;
  failureThreshold: number;
  maxRestarts: number;
  windowSeconds: number;
  alertsEnabled: boolean;
  /** Without one the mode follows from whether there are steps. */
  mode?: 'observe';
}>;

export const profiles: Readonly<Record<(typeof profileNames)[number], Profile>> = {
  standard: { intervalSeconds: 60, failureThreshold: 3, maxRestarts: 3, windowSeconds: 3_600, alertsEnabled: true },
  critical: { intervalSeconds: 10, failureThreshold: 2, maxRestarts: 10, windowSeconds: 600, alertsEnabled: true },
  'non-critical': {
    intervalSeconds: 60,
    failureThreshold: 5,
    maxRestarts: 3,
    windowSeconds: 3_600,
    alertsEnabled: false,
  },
  'observe-only': {
    intervalSeconds: 30,
    failureThreshold: 3,
    maxRestarts: 3,
    windowSeconds: 3_600,
    alertsEnabled: true,
    mode: 'observe',
  },
};
