// Checks what a restart does besides its steps: settings that nothing would use, causes that are never seen, and times
// that add up to more than anybody would wait.
import type { Fault } from '../faults.ts';
import { downCauses } from '../judging/down-causes.ts';
import type { RestartStep } from '../model/restart-spec.ts';
import type { Service } from '../model/service.ts';
import { leastVerifySeconds, verifyEveryMs } from '../restart/restart-verify.ts';

/** The longest that a restart and its way back may take together, in seconds: while it runs nothing else is tried. */
const LONGEST_RESTART_SECONDS = 3 * 3_600;
/** SSM may take this long to deliver a command. */
const DELIVERY_SECONDS = 60;

export type PlacedStep = Readonly<{ at: string; step: RestartStep }>;

/** Every step of a registration with its path; settled steps if the service is settled. */
export function placedSteps({ steps, before, configuration, after, reload, rollback }: Service['restart']) {
  const others: Readonly<Record<string, RestartStep | undefined>> = {
    'restart.before': before,
    'restart.configuration.validate': configuration?.validate,
    'restart.configuration.backup': configuration?.backup,
    'restart.after': after,
    'restart.configuration.restore': configuration?.restore,
    'restart.rollback': rollback,
    'restart.reload': reload,
  };
  return [
    ...steps.map((step, index): PlacedStep => ({ at: `restart.steps[${index}]`, step })),
    ...Object.entries(others).flatMap(([at, step]): PlacedStep[] => (step ? [{ at, step }] : [])),
  ];
}

/**
 * Faults of settings that belong to a restart when there is none: nothing would ever use them. A reload has no drain or
 * rollback.
 */
function strayFaults({ restart }: Service): readonly Fault[] {
  if (restart.steps.length > 0) return [];
  const stray = (needed: string) => (name: keyof Service['restart']) => {
    const message = `is part of a restart, and there is none; add ${needed}, or leave it out`;
    return restart[name] === undefined ? [] : [{ path: `restart.${name}`, message }];
  };
  const around = restart.reload ? [] : (['before', 'after', 'configuration'] as const);
  return [
    ...around.flatMap(stray('restart.steps or restart.reload')),
    ...(['drain', 'rollback'] as const).flatMap(stray('restart.steps')),
  ];
}

/** Faults of the acts of a restart in combination, and of the settings of steps that are not sent. */
export const actFaults = (service: Service): readonly Fault[] => [
  ...placedSteps(service.restart).flatMap(({ at, step }) => [
    ...idleFaults(at, step),
    ...causeFaults(at, step, service),
  ]),
  ...strayFaults(service),
  ...timeFaults(service),
  ...verificationFaults(service),
];

const NOT_VERIFIED = 'is for what is verified: a step of restart.steps, or restart.reload; leave it out';

function idleFaults(at: string, step: RestartStep): readonly Fault[] {
  const isRung = at.startsWith('restart.steps');
  const isVerified = isRung || at === 'restart.reload';
  const verification = (['warmUpSeconds', 'verifyTimeoutSeconds'] as const).filter((name) => step[name] !== undefined);
  return [
    ...(step.when && !isRung
      ? [{ path: `${at}.when`, message: 'is for restart.steps, of which one is chosen; leave it out' }]
      : []),
    ...(isVerified ? [] : verification.map((name) => ({ path: `${at}.${name}`, message: NOT_VERIFIED }))),
  ];
}

function causeFaults(at: string, { when }: RestartStep, { probe }: Service): readonly Fault[] {
  if (!when) return [];
  const seen = downCauses(probe);
  if (when.causes.some((cause) => seen.includes(cause))) return [];
  const message = `can never be seen by a probe of kind ${probe.kind}, which is down by ${seen.join(', ')}`;
  return [{ path: `${at}.when.causes`, message }];
}

/**
 * Faults of a verification too short for the answers that it needs: such a restart would fail however well the service
 * is.
 */
function verificationFaults(service: Service): readonly Fault[] {
  const { steps, reload, verifyTimeoutSeconds } = service.restart;
  const least = leastVerifySeconds(service);
  const verified = [
    ...steps.map((step, index) => ({ at: `restart.steps[${index}]`, step })),
    ...(reload ? [{ at: 'restart.reload', step: reload }] : []),
  ];
  const isInherited = verified.some(({ step }) => step.verifyTimeoutSeconds === undefined);
  const times = [
    ...(isInherited ? [{ at: 'restart', seconds: verifyTimeoutSeconds }] : []),
    ...verified.map(({ at, step }) => ({ at, seconds: step.verifyTimeoutSeconds ?? least })),
  ];
  const every = verifyEveryMs(service) / 1000;
  const message = `must be at least ${least}: a restart is verified by ${service.policy.successThreshold} answers in a row (policy.successThreshold), and is looked at every ${every} s`;
  return times.flatMap(({ at, seconds }) => (seconds < least ? [{ path: `${at}.verifyTimeoutSeconds`, message }] : []));
}

const secondsOf = (step: RestartStep | undefined): number =>
  step === undefined ? 0 : step.timeoutSeconds + (step.kind === 'ssm' ? DELIVERY_SECONDS : 0);

/**
 * Faults of the longest way through a restart: every act at its limit, a failed verification, and the whole way back.
 */
function timeFaults({ restart }: Service): readonly Fault[] {
  const { before, after, configuration, drain, rollback } = restart;
  const around =
    [before, configuration?.validate, configuration?.backup, after, configuration?.restore, rollback]
      .map(secondsOf)
      .reduce((sum, seconds) => sum + seconds, 0) + (drain?.timeoutSeconds ?? 0);
  return restart.steps.flatMap((step, index): Fault[] => {
    const { warmUpSeconds = restart.warmUpSeconds, verifyTimeoutSeconds = restart.verifyTimeoutSeconds } = step;
    const needed = around + secondsOf(step) + warmUpSeconds + verifyTimeoutSeconds;
    if (needed <= LONGEST_RESTART_SECONDS) return [];
    const message = `may take ${needed} s with its hooks, its verification and its way back, longer than the ${LONGEST_RESTART_SECONDS} s that a restart may take; shorten their timeoutSeconds`;
    return [{ path: `restart.steps[${index}]`, message }];
  });
}
