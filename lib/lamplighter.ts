// Lamplighter as one construct, wired in data-flow order: the tick, the work, the network, the restarts, the people.
import { Annotations, CfnOutput, Lazy } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

import { AlertReceivers } from './alert-receivers.ts';
import { AlertTopic } from './alert-topic.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { Discovery } from './discovery.ts';
import { standardDocuments } from './documents.ts';
import { EcsProber } from './ecs-prober.ts';
import { FleetDashboard } from './fleet-dashboard.ts';
import { Functions, visibilityOf } from './functions.ts';
import { HttpEndpoint, machineDoor } from './http-api.ts';
import { PeopleEndpoint } from './people-endpoint.ts';
import { RestartDocuments } from './restart-documents.ts';
import { toSeeState } from './rights/ecs-looks.ts';
import { toRestartServices } from './rights/ecs-restarts.ts';
import { onTable, toFindDependents, toPublish, toPutOn, toRollUp, toSend } from './rights/own-parts.ts';
import { toReadProbeSecrets } from './rights/secrets.ts';
import { toRunDocuments } from './rights/ssm-commands.ts';
import { everyHour, RoundSchedule } from './round-schedule.ts';
import { SelfWatch } from './self-watch.ts';
import { ServiceTable } from './service-table.ts';
import { checkSettings, type Settings, type SettingsInput } from './settings.ts';
import { settingsEnvironment } from './settings-environment.ts';
import { StateChanges } from './state-changes.ts';
import { type Watched, WatchedService, watchId, type WatchOptions } from './watched-service.ts';
import { WorkQueue } from './work-queue.ts';

export type LamplighterProps = Readonly<{
  /** Every setting has a safe default: nothing may be restarted and nobody is told until you say so. */
  settings?: SettingsInput;
  /**
   * Where a second probe function probes private services; instead of `settings.network.vpcId`, for a VPC of your app.
   */
  probeVpc?: IVpc;
}>;

const documentNames = standardDocuments.map(({ name }) => name);

export class Lamplighter extends Construct {
  readonly settings: Settings;
  readonly functions: Functions;
  readonly alerts: AlertTopic;
  readonly selfWatch: SelfWatch;
  readonly endpoint: HttpEndpoint;
  /** Only with `api.basic` in the settings. */
  readonly peopleEndpoint: PeopleEndpoint | undefined;
  private readonly stateChanges: StateChanges;
  private readonly ecsProber: EcsProber;

  constructor(scope: Construct, id: string, props: LamplighterProps = {}) {
    super(scope, id);
    const settings = checkSettings(props.settings, `the settings of ${this.node.path}`, {
      hasVpc: props.probeVpc !== undefined,
    });
    this.settings = settings;

    const { table } = new ServiceTable(this, 'ServiceTable');
    new RestartDocuments(this, 'RestartDocuments');
    const probes = new WorkQueue(this, 'ProbeQueue', { visibility: visibilityOf('probe'), tries: 3 });
    const vpc = props.probeVpc ?? this.vpcOf(settings);
    const inside = vpc && {
      vpc,
      probes: new WorkQueue(this, 'PrivateProbeQueue', { visibility: visibilityOf('probe'), tries: 3 }),
    };
    const probeQueueArns = [probes, ...(inside ? [inside.probes] : [])].map(({ queue }) => queue.queueArn);
    const restarts = new WorkQueue(this, 'RestartQueue', { visibility: visibilityOf('restart'), tries: 5 });
    const alerts = new WorkQueue(this, 'AlertQueue', { visibility: visibilityOf('alert'), tries: 10 });
    this.alerts = new AlertTopic(this, 'AlertTopic', settings.alerts);

    const ticks = new DeadLetterQueue(this, 'TickDeadLetters');
    const discovery =
      settings.discovery.clusters.length > 0 ? new DeadLetterQueue(this, 'DiscoveryDeadLetters') : undefined;
    this.functions = new Functions(this, 'Functions', {
      environment: {
        ...settingsEnvironment(settings),
        LAMPLIGHTER_TABLE: table.tableName,
        LAMPLIGHTER_PROBE_QUEUE_URL: probes.queue.queueUrl,
        LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: inside?.probes.queue.queueUrl ?? '',
        LAMPLIGHTER_NETWORK: 'public',
        LAMPLIGHTER_NETWORKS: Lazy.string({
          produce: () => ['public', ...(inside ? ['private'] : []), ...(this.sees() ? ['ecs'] : [])].join(','),
        }),
        LAMPLIGHTER_ECS_STATE: Lazy.string({ produce: () => (this.sees() ? 'yes' : 'no') }),
        LAMPLIGHTER_ECS_PROBE_QUEUE_URL: Lazy.string({ produce: () => this.ecsProber.queueUrl }),
        LAMPLIGHTER_RESTART_QUEUE_URL: restarts.queue.queueUrl,
        LAMPLIGHTER_ALERT_QUEUE_URL: alerts.queue.queueUrl,
        LAMPLIGHTER_TOPIC_ARN: this.alerts.topic.topicArn,
        // Alerts are read by people: if there is an API for people, links lead to that, which a browser can open with a
        // password.
        LAMPLIGHTER_API_URL: Lazy.string({ produce: () => (this.peopleEndpoint ?? this.endpoint).api.apiEndpoint }),
      },
      logRetentionDays: settings.logRetentionDays,
      tickDeadLetters: ticks,
      people: settings.api.basic,
      discoveryDeadLetters: discovery,
      inside: inside && { vpc: inside.vpc, queueUrl: inside.probes.queue.queueUrl },
    });

    const { schedule, probe, probePrivate, restart, alert, api, register, rollup, discover } = this.functions;
    const { tableArn } = table;
    schedule.allow(onTable(tableArn, 'Query'), toSend(...probeQueueArns));
    new RoundSchedule(this, 'Rounds', { target: schedule, deadLetters: ticks });

    this.stateChanges = new StateChanges(this, 'StateChanges', {
      queue: probes.queue,
      deadLetters: probes.deadLetters,
      restart: { ...settings.restart, clusters: namedClusters(settings) },
    });
    probes.feeds(probe, { batchSize: 1, maxConcurrency: 50 });
    if (inside && probePrivate) inside.probes.feeds(probePrivate, { batchSize: 1, maxConcurrency: 50 });
    for (const prober of [probe, probePrivate])
      prober?.allow(
        onTable(tableArn, 'Query', 'GetItem', 'PutItem', 'UpdateItem'),
        toSend(...probeQueueArns, restarts.queue.queueArn, alerts.queue.queueArn),
        ...toReadProbeSecrets(this),
      );

    restarts.feeds(restart, { batchSize: 1, maxConcurrency: 10 });
    restart.allow(
      onTable(tableArn, 'GetItem', 'UpdateItem'),
      toFindDependents(tableArn),
      toSend(probes.queue.queueArn, restarts.queue.queueArn, alerts.queue.queueArn),
      ...toRestartServices(this, settings.restart),
      ...toRunDocuments(this, settings.restart, documentNames),
    );

    alerts.feeds(alert, { batchSize: 10, maxConcurrency: 10 });
    alert.allow(
      onTable(tableArn, 'GetItem', 'PutItem', 'UpdateItem'),
      toFindDependents(tableArn),
      toPublish(this.alerts.topic.topicArn),
      ...(settings.alerts.eventBus === undefined ? [] : [toPutOn(this, settings.alerts.eventBus)]),
      // To its own queue: messages for later.
      toSend(alerts.queue.queueArn),
    );

    api.allow(
      onTable(tableArn, 'Query', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
      toSend(probes.queue.queueArn, restarts.queue.queueArn, alerts.queue.queueArn),
    );
    register.allow(onTable(tableArn, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'), toSend(probes.queue.queueArn));
    rollup.allow(...toRollUp(tableArn));
    new RoundSchedule(this, 'Rollups', { target: rollup, deadLetters: ticks, rhythm: everyHour });
    if (discover && discovery) {
      discover.allow(
        onTable(tableArn, 'Query', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
        toSend(probes.queue.queueArn),
      );
      new Discovery(this, 'Discovery', { target: discover, deadLetters: discovery, settings: settings.discovery });
    }
    this.endpoint = new HttpEndpoint(this, 'Http', {
      target: api,
      door: machineDoor(settings.api),
      logRetentionDays: settings.logRetentionDays,
    });
    this.peopleEndpoint = this.openForPeople();

    this.selfWatch = new SelfWatch(this, 'SelfWatch', {
      functions: this.functions.all(),
      deadLetters: {
        Tick: ticks,
        Probe: probes.deadLetters,
        ...(inside && { PrivateProbe: inside.probes.deadLetters }),
        Restart: restarts.deadLetters,
        Alert: alerts.deadLetters,
        Undelivered: this.alerts.undelivered,
        ...(discovery && { Discovery: discovery }),
      },
      api: this.endpoint.api,
      people: this.peopleEndpoint,
      discover,
      rollup,
      emails: settings.operators.email,
    });
    this.ecsProber = new EcsProber(this, {
      functions: this.functions,
      selfWatch: this.selfWatch,
      tableArn,
      publicQueue: probes.queue,
      handsOnTo: [restarts.queue.queueArn, alerts.queue.queueArn],
    });
    if (settings.alerts.webhooks.length > 0)
      new AlertReceivers(this, 'Receivers', {
        topic: this.alerts,
        functions: this.functions,
        selfWatch: this.selfWatch,
        webhooks: settings.alerts.webhooks,
      });
    for (const cluster of settings.ecsState.clusters) this.ecsProber.maySee(...toSeeState(this, cluster));
    if (settings.dashboard) new FleetDashboard(this, 'FleetDashboard');
    new CfnOutput(this, 'ApiUrl', { value: this.endpoint.api.apiEndpoint });
    new CfnOutput(this, 'AlertTopicArn', { value: this.alerts.topic.topicArn });
  }

  /**
   * Registers a service of your own stack when the stack is deployed, removes it when the stack is deleted, and grants
   * exactly the restart that the service needs. A `Watched` is an ECS service, an EC2 instance, or a plain URL that is
   * only watched.
   */
  watch(watched: Watched, options: WatchOptions = {}): WatchedService {
    const id = watchId(watched, options);
    const { functions, stateChanges, ecsProber } = this;
    const props = { watched, options: { ...options, id }, functions, stateChanges, ecsProber };
    return new WatchedService(this, `Watch-${id}`, props);
  }

  /** Whether a prober may ask ECS for the state of services; known for certain when the template is written. */
  private sees(): boolean {
    return this.ecsProber.queueUrl !== '';
  }

  private openForPeople(): PeopleEndpoint | undefined {
    const { authorize, api } = this.functions;
    const { basic } = this.settings.api;
    if (!authorize || !basic) return undefined;
    const { logRetentionDays } = this.settings;
    const endpoint = new PeopleEndpoint(this, 'People', { target: api, authorize, settings: basic, logRetentionDays });
    new CfnOutput(this, 'PeopleApiUrl', { value: endpoint.api.apiEndpoint });
    return endpoint;
  }

  private vpcOf({ network }: Settings): IVpc | undefined {
    const { vpcId, subnetIds } = network;
    if (vpcId === undefined) return undefined;
    // The names of the zones do not matter: the subnets to use are given.
    const availabilityZones = subnetIds.map((_, index) => `zone-${index}`);
    const vpc = Vpc.fromVpcAttributes(this, 'ProbeVpc', { vpcId, availabilityZones, privateSubnetIds: subnetIds });
    Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'no route is read or written');
    return vpc;
  }
}

/** Clusters whose state changes are subscribed to: those with services that may be restarted, or probed through ECS. */
const namedClusters = ({ restart, ecsState }: Settings): string[] => [
  ...new Set([...restart.clusters, ...ecsState.clusters]),
];
