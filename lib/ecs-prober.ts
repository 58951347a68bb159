// The prober for ECS: the only one that may ask for the state of ECS services, in a function and with a queue of its
// own. It is created when it is first needed, so that a deployment that asks nothing of ECS has neither it nor its
// rights.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { type Functions, visibilityOf } from './functions.ts';
import { onTable, toSend } from './rights/own-parts.ts';
import type { Right } from './rights/right.ts';
import { toReadProbeSecrets } from './rights/secrets.ts';
import type { SelfWatch } from './self-watch.ts';
import { WorkQueue } from './work-queue.ts';

export type EcsProberProps = Readonly<{
  functions: Functions;
  selfWatch: SelfWatch;
  tableArn: string;
  /** The queue of the public prober, which answers probes that were sent to the wrong prober. */
  publicQueue: Readonly<{ queueUrl: string; queueArn: string }>;
  /** The queues for what follows from a probe: restarts and alerts. */
  handsOnTo: readonly string[];
}>;

export class EcsProber {
  private readonly scope: Construct;
  private readonly props: EcsProberProps;
  private made: Readonly<{ probes: WorkQueue; allow: (...rights: readonly Right[]) => void }> | undefined;

  constructor(scope: Construct, props: EcsProberProps) {
    this.scope = scope;
    this.props = props;
  }

  /** Empty as long as the prober is not needed. Read when the template is written. */
  get queueUrl(): string {
    return this.made?.probes.queue.queueUrl ?? '';
  }

  /** Grants the prober these rights, and creates it if it does not exist yet. */
  maySee(...rights: readonly Right[]): void {
    this.made ??= this.make();
    this.made.allow(...rights);
  }

  private make(): NonNullable<EcsProber['made']> {
    const { functions, selfWatch, tableArn, publicQueue, handsOnTo } = this.props;
    const probes = new WorkQueue(this.scope, 'EcsProbeQueue', { visibility: visibilityOf('probe'), tries: 3 });
    const { queueUrl, queueArn } = probes.queue;
    const prober = functions.addProbeEcs({
      LAMPLIGHTER_NETWORK: 'ecs',
      LAMPLIGHTER_ECS_STATE: 'yes',
      LAMPLIGHTER_PROBE_QUEUE_URL: queueUrl,
      LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: publicQueue.queueUrl,
      LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '',
      LAMPLIGHTER_ALLOWED_RANGES: '',
    });
    probes.feeds(prober, { batchSize: 1, maxConcurrency: 10 });
    prober.allow(
      onTable(tableArn, 'Query', 'GetItem', 'PutItem', 'UpdateItem'),
      toSend(publicQueue.queueArn, queueArn, ...handsOnTo),
      ...toReadProbeSecrets(this.scope),
    );
    for (const sender of [functions.schedule, functions.probe, functions.probePrivate])
      sender?.allow({
        statement: new PolicyStatement({ sid: 'ToEcs', actions: ['sqs:SendMessage'], resources: [queueArn] }),
      });
    selfWatch.watchFunction(prober);
    selfWatch.watchDeadLetters('EcsProbe', probes.deadLetters);
    return { probes, allow: (...rights) => prober.allow(...rights) };
  }
}
