// The functions with their settings: what each one needs to know, how long it may take, and what its failing means.
import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { type EnvName, functionEnv, type FunctionName } from '../lambdas/contract/env.ts';
import { functionTimeoutSeconds } from '../lambdas/contract/limits.ts';
import { ServiceFunction } from './service-function.ts';

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
};
export const visibilityOf = (name: FunctionName) => Duration.seconds(functionTimeoutSeconds[name] * 6);

export type FunctionsProps = Readonly<{
  /** Every variable of the contract; each function is given those it reads. */
  environment: Readonly<Record<EnvName, string>>;
  logRetentionDays: RetentionDays;
  probeVpc?: IVpc | undefined;
  /** Where ticks go that the schedule function failed on. */
  tickDeadLetters: IQueue;
}>;

export class Functions extends Construct {
  readonly schedule: ServiceFunction;
  readonly probe: ServiceFunction;
  readonly restart: ServiceFunction;
  readonly alert: ServiceFunction;
  readonly api: ServiceFunction;
  readonly register: ServiceFunction;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const make = (
      constructId: string,
      name: FunctionName,
      more: { vpc?: IVpc | undefined; deadLetters?: IQueue } = {},
    ) =>
      new ServiceFunction(this, constructId, {
        function: name,
        errorImpact: sizing[name].errorImpact,
        timeout: Duration.seconds(functionTimeoutSeconds[name]),
        memoryMb: sizing[name].memoryMb,
        environment: Object.fromEntries(functionEnv[name].map((variable) => [variable, props.environment[variable]])),
        logRetentionDays: props.logRetentionDays,
        ...more,
      });
    this.schedule = make('Schedule', 'schedule', { deadLetters: props.tickDeadLetters });
    this.probe = make('Probe', 'probe', { vpc: props.probeVpc });
    this.restart = make('Restart', 'restart');
    this.alert = make('Alert', 'alert');
    this.api = make('Api', 'api');
    this.register = make('Register', 'register');
  }

  all(): readonly ServiceFunction[] {
    return [this.schedule, this.probe, this.restart, this.alert, this.api, this.register];
  }
}
