// Tagged ECS services register themselves: a function that looks into the clusters every five minutes, and its rights.
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { toLookAtServices } from './rights/ecs-looks.ts';
import { type Rhythm, RoundSchedule } from './round-schedule.ts';
import type { ServiceFunction } from './service-function.ts';
import type { Settings } from './settings.ts';

/** A run that could not be started within four minutes is left to the next one. */
const everyFiveMinutes: Rhythm = { id: 'EveryFiveMinutes', cron: 'cron(0/5 * * * ? *)', worthSeconds: 240 };

export type DiscoveryProps = Readonly<{
  target: ServiceFunction;
  deadLetters: Queue;
  settings: Settings['discovery'];
}>;

export class Discovery extends Construct {
  constructor(scope: Construct, id: string, { target, deadLetters, settings }: DiscoveryProps) {
    super(scope, id);
    target.allow(...toLookAtServices(this, settings.clusters));
    new RoundSchedule(this, 'Runs', { target, deadLetters, rhythm: everyFiveMinutes });
  }
}
