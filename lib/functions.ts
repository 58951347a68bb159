// The functions with their settings: their environment, how long they may take, and what it means if they fail.
import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { type EnvName, functionEnv, type FunctionName } from '../lambdas/contract/env.ts';
import { functionTimeoutSeconds } from '../lambdas/contract/limits.ts';
import { ServiceFunction, type ServiceFunctionProps } from './service-function.ts';
import type { PeopleSettings } from './settings.ts';

type Sizing = Readonly<{ memoryMb: number; errorImpact: string }>;

const sizing: Readonly<Record<FunctionName, Sizing>> = {
  schedule: {
    memoryMb: 256,
    errorImpact: 'Rounds are not planned: nothing is checked and nothing is healed.',
  },
  probe: {
    memoryMb: 1_024,
    errorImpact: 'Some services are not checked, or what was seen of them is not kept.',
  },
  restart: { memoryMb: 256, errorImpact: 'Restarts are late or not carried out.' },
  alert: { memoryMb: 256, errorImpact: 'People are not told, or not in time.' },
  api: { memoryMb: 512, errorImpact: 'Registering, looking and asking fail for some requests.' },
  register: {
    memoryMb: 256,
    errorImpact: 'Stacks that watch their services cannot be deployed or deleted.',
  },
  discover: { memoryMb: 256, errorImpact: 'Tagged ECS services do not register themselves, and drift goes unseen.' },
  rollup: {
    memoryMb: 512,
    errorImpact: 'Numbers of the past hours and early warnings are late; nothing else depends on them.',
  },
  // Checking a password needs the CPU of a whole core for a moment, and 32 MiB, at most 128.
  authorize: { memoryMb: 1_769, errorImpact: 'People with a password cannot come in: the secret cannot be used.' },
  deliver: { memoryMb: 256, errorImpact: 'A receiver of alerts is not posted to, or not in time.' },
};
export const visibilityOf = (name: FunctionName) => Duration.seconds(functionTimeoutSeconds[name] * 6);

/** Variables whose value differs for each function that reads them. */
type OwnEnvName = 'LAMPLIGHTER_DELIVER_QUEUE_URL' | 'LAMPLIGHTER_RECEIVER';

export type FunctionsProps = Readonly<{
  /** Every variable of the contract; each function is given those that it reads. */
  environment: Readonly<Record<Exclude<EnvName, OwnEnvName>, string>> & Partial<Record<OwnEnvName, string>>;
  logRetentionDays: RetentionDays;
  /** Where the second probe function is, if there is one: its queue, and the VPC whose private addresses it reaches. */
  inside?: Readonly<{ vpc: IVpc; queueUrl: string }> | undefined;
  /** Where ticks go on which the schedule function failed. */
  tickDeadLetters: IQueue;
  /** Where failed runs of discovery go; only with clusters to look into. */
  discoveryDeadLetters?: IQueue | undefined;
  /** Only with an API for people. */
  people?: PeopleSettings | undefined;
}>;

export class Functions extends Construct {
  readonly schedule: ServiceFunction;
  readonly probe: ServiceFunction;
  /** The same inside the VPC, for private services; only with a VPC. */
  readonly probePrivate: ServiceFunction | undefined;
  readonly restart: ServiceFunction;
  readonly alert: ServiceFunction;
  readonly api: ServiceFunction;
  readonly register: ServiceFunction;
  readonly rollup: ServiceFunction;
  readonly discover: ServiceFunction | undefined;
  readonly authorize: ServiceFunction | undefined;
  /** Creates the prober for ECS; called at most once. */
  readonly addProbeEcs: (own: Partial<FunctionsProps['environment']>) => ServiceFunction;
  /** Creates the function that delivers to one receiver. */
  readonly addDeliver: (constructId: string, own: Partial<FunctionsProps['environment']>) => ServiceFunction;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const make = (
      constructId: string,
      name: FunctionName,
      more: Partial<Pick<ServiceFunctionProps, 'vpc' | 'deadLetters' | 'reservedConcurrency' | 'errorImpact'>> = {},
      own: Partial<FunctionsProps['environment']> = {},
    ) =>
      new ServiceFunction(this, constructId, {
        function: name,
        errorImpact: sizing[name].errorImpact,
        timeout: Duration.seconds(functionTimeoutSeconds[name]),
        memoryMb: sizing[name].memoryMb,
        environment: Object.fromEntries(
          functionEnv[name].map((variable) => [variable, own[variable] ?? props.environment[variable]]),
        ),
        logRetentionDays: props.logRetentionDays,
        ...more,
      });
    this.schedule = make('Schedule', 'schedule', { deadLetters: props.tickDeadLetters });
    // The private ranges are open to the prober inside the VPC; from outside, whatever answers there is not what was
    // meant. Neither of the two may ask ECS: that is for the prober for ECS.
    const blind = { LAMPLIGHTER_ECS_STATE: 'no' };
    this.probe = make('Probe', 'probe', {}, { ...blind, LAMPLIGHTER_ALLOWED_RANGES: '' });
    this.restart = make('Restart', 'restart');
    this.alert = make('Alert', 'alert');
    this.api = make('Api', 'api');
    this.register = make('Register', 'register');
    // A run that failed is a tick that was lost.
    this.rollup = make('Rollup', 'rollup', { deadLetters: props.tickDeadLetters });
    const { people, inside, environment } = props;
    if (inside)
      this.probePrivate = make(
        'ProbePrivate',
        'probe',
        {
          vpc: inside.vpc,
          errorImpact: 'Some services inside the VPC are not checked, or what was seen of them is not kept.',
        },
        {
          ...blind,
          LAMPLIGHTER_NETWORK: 'private',
          LAMPLIGHTER_PROBE_QUEUE_URL: inside.queueUrl,
          LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: environment.LAMPLIGHTER_PROBE_QUEUE_URL,
        },
      );
    const { discoveryDeadLetters: deadLetters } = props;
    const errorImpact = 'Some services whose state ECS tells are not checked, or what was seen of them is not kept.';
    this.addProbeEcs = (own) => make('ProbeEcs', 'probe', { errorImpact }, own);
    this.addDeliver = (constructId, own) => make(constructId, 'deliver', {}, own);
    if (deadLetters) this.discover = make('Discover', 'discover', { deadLetters });
    if (people) this.authorize = make('Authorize', 'authorize', { reservedConcurrency: people.reservedConcurrency });
  }

  all(): readonly ServiceFunction[] {
    const always = [this.schedule, this.probe, this.restart, this.alert, this.api, this.register];
    return [...always, ...(this.probePrivate ? [this.probePrivate] : [])];
  }
}
