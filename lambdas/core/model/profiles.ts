// Ready-made settings for the usual cases (requirement H14). A registration's own settings win over its profile.

export const profileNames = ['standard', 'critical', 'non-critical', 'observe-only'] as const;

type Profile = Readonly<{
  intervalSeconds: number;
  failureThreshold: number;
  maxRestarts: number;
  windowSeconds: number;
  alertsEnabled: boolean;
  /** When the first reminder of an open incident is due. */
  remindAfterMinutes: number;
  /** Without one the mode follows from whether there are steps. */
  mode?: 'observe';
}>;

const usual = { alertsEnabled: true, remindAfterMinutes: 30 };

export const profiles: Readonly<Record<(typeof profileNames)[number], Profile>> = {
  standard: { ...usual, intervalSeconds: 60, failureThreshold: 3, maxRestarts: 3, windowSeconds: 3_600 },
  critical: {
    ...usual,
    intervalSeconds: 10,
    failureThreshold: 2,
    maxRestarts: 10,
    windowSeconds: 600,
    remindAfterMinutes: 15,
  },
  'non-critical': {
    ...usual,
    intervalSeconds: 60,
    failureThreshold: 5,
    maxRestarts: 3,
    windowSeconds: 3_600,
    alertsEnabled: false,
  },
  'observe-only': {
    ...usual,
    intervalSeconds: 30,
    failureThreshold: 3,
    maxRestarts: 3,
    windowSeconds: 3_600,
    mode: 'observe',
  },
};
