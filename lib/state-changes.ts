// EventBridge rules for what Lamplighter may restart: events go to the probe queue as they are and lead to a probe at
// once. They only save time: what an event misses, the next round finds.
import { Annotations, Lazy, Stack } from 'aws-cdk-lib';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import type { Settings } from './settings.ts';

/** A queue's policy holds 8,192 bytes, of which every rule needs some 120. */
const MOST_RULES = 55;
/** An older event would be skipped by its receiver. */
const MAX_AGE_SECONDS = 300;

export type StateChangesProps = Readonly<{
  /** Where events go, and where events go that could not be delivered there. */
  queue: Queue;
  deadLetters: Queue;
  restart: Settings['restart'];
}>;

export class StateChanges extends Construct {
  private readonly props: StateChangesProps;
  private readonly ruleArns: string[] = [];

  constructor(scope: Construct, id: string, props: StateChangesProps) {
    super(scope, id);
    this.props = props;
    const { clusters, instances } = props.restart;
    for (const cluster of clusters) {
      const serviceArns = [{ prefix: `${this.ecsArn('service', cluster)}/` }];
      const groups = [{ prefix: 'service:' }];
      this.addRule(this, `Cluster-${cluster}`, ofServices([this.ecsArn('cluster', cluster)], groups, serviceArns));
    }
    if (instances) this.addRule(this, 'Instances', ofInstances);
  }

  /** Subscribes to one ECS service; does nothing if its whole cluster is subscribed to. */
  ofService(scope: Construct, { cluster, serviceArn, serviceName }: IBaseService): void {
    if (this.props.restart.clusters.includes(cluster.clusterName)) return;
    this.addRule(scope, 'StateChanges', ofServices([cluster.clusterArn], [`service:${serviceName}`], [serviceArn]));
  }

  /** Subscribes to one EC2 instance; does nothing if all instances are subscribed to. */
  ofInstance(scope: Construct, instanceId: string): void {
    if (this.props.restart.instances) return;
    this.addRule(scope, 'StateChanges', { ...ofInstances, detail: { 'instance-id': [instanceId] } });
  }

  private addRule(scope: Construct, id: string, eventPattern: object): void {
    if (this.ruleArns.length === MOST_RULES) {
      const message = `more than ${MOST_RULES} rules do not fit into a queue's policy: it is found down at its next beat; restart.clusters and restart.instances need one rule for many`;
      Annotations.of(scope).addWarningV2('lamplighter:state-changes', message);
      return;
    }
    const { queue, deadLetters } = this.props;
    const rule = new CfnRule(scope, id, {
      description: 'Lamplighter looks at once at what has changed its state',
      eventPattern,
      targets: [
        {
          id: 'ProbeQueue',
          arn: queue.queueArn,
          deadLetterConfig: { arn: deadLetters.queueArn },
          retryPolicy: { maximumEventAgeInSeconds: MAX_AGE_SECONDS },
        },
      ],
    });
    if (this.ruleArns.length === 0) for (const each of [queue, deadLetters]) this.open(each);
    this.ruleArns.push(rule.attrArn);
  }

  /** Opens the queue to exactly these rules. One statement for all of them: a policy holds twenty. */
  private open(queue: Queue): void {
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'StateChanges',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': Lazy.list({ produce: () => this.ruleArns }) } },
      }),
    );
  }

  private ecsArn(kind: 'cluster' | 'service', cluster: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:ecs:${region}:${account}:${kind}/${cluster}`;
  }
}

const ofInstances = { source: ['aws.ec2'], 'detail-type': ['EC2 Instance State-change Notification'] };

/** Task events name their cluster and the service that started them; a deployment event names the service alone. */
const ofServices = (clusterArns: readonly string[], groups: readonly unknown[], serviceArns: readonly unknown[]) => ({
  source: ['aws.ecs'],
  $or: [
    {
      'detail-type': ['ECS Task State Change'],
      // In between these two states there is nothing to see.
      detail: { clusterArn: clusterArns, group: groups, lastStatus: ['RUNNING', 'STOPPED'] },
    },
    { 'detail-type': ['ECS Deployment State Change'], resources: serviceArns },
  ],
});
