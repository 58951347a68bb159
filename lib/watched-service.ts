// `lamplighter.watch(...)`: a registration that lives and dies with a stack of yours, and the right to restart just
// that one service.
import { CustomResource, Stack, Token } from 'aws-cdk-lib';
import type { IInstance } from 'aws-cdk-lib/aws-ec2';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import { configurationDocument } from '../lambdas/contract/restart-documents.ts';
import type { EcsProber } from './ecs-prober.ts';
import type { Functions } from './functions.ts';
import { toSeeService, toSeeTasks } from './rights/ecs-looks.ts';
import { toCompareBits, toRollBack, toStopTasks } from './rights/ecs-restarts.ts';
import { onHosts, toFollowCommands, toRunOn } from './rights/ssm-commands.ts';
import type { StateChanges } from './state-changes.ts';

/** The shape of `ApplicationLoadBalancedFargateService` and the like. */
type LoadBalanced = Construct &
  Readonly<{
    service: IBaseService;
    loadBalancer: Readonly<{ loadBalancerDnsName: string }>;
    certificate?: unknown;
  }>;

/** An ECS service, a load-balanced one as made by the patterns, an EC2 instance, or a URL that is only watched. */
export type Watched = IBaseService | LoadBalanced | IInstance | string;

export type WatchOptions = Readonly<{
  /** The id to register under; from the construct's own id when left out. */
  id?: string;
  /** The path to probe, behind the load balancer or the URL. Default `/health`. */
  path?: string;
  /** The address of an instance, or of an ECS service without a load balancer of its own. */
  url?: string;
  /** For an instance: what to restart, e.g. `{ unit: 'billing' }`. Default `/opt/lamplighter/restart_<id>.sh`. */
  parameters?: Readonly<Record<string, string>>;
  /**
   * Anything else of the registration document; it overrides derived values. `{ restart: { mode: 'off' } }`: no
   * restart.
   */
  document?: Readonly<Record<string, unknown>>;
}>;

export type WatchedServiceProps = Readonly<{
  watched: Watched;
  options: WatchOptions & { id: string };
  functions: Functions;
  stateChanges: StateChanges;
  ecsProber: EcsProber;
}>;

export class WatchedService extends Construct {
  constructor(scope: Construct, constructId: string, props: WatchedServiceProps) {
    super(scope, constructId);
    const { watched, options, functions, stateChanges } = props;
    const step = this.restartStep(watched, options, functions);
    const state = this.stateProbe(watched, options, props.ecsProber);
    const document = {
      id: options.id,
      ...(!state && { probe: { kind: 'http', url: urlOf(watched, options) } }),
      ...(step && { restart: { steps: [step] } }),
      ...options.document,
      ...(state && { probe: state }),
    };
    new CustomResource(this, 'Registration', {
      resourceType: 'Custom::LamplighterService',
      serviceToken: functions.register.lambda.functionArn,
      // CloudFormation would turn every number into text.
      properties: { Document: Stack.of(this).toJsonString(document) },
    });
    if (step || state) this.hearOf(watched, stateChanges);
  }

  /**
   * With `{ probe: { kind: 'ecs' } }`, ECS is asked for the state of this service, and the right to do so is granted.
   */
  private stateProbe(watched: Watched, { document }: WatchOptions, ecsProber: EcsProber): object | undefined {
    const probe = document?.['probe'];
    if (typeof probe !== 'object' || probe === null || !('kind' in probe) || probe.kind !== 'ecs') return undefined;
    if (typeof watched === 'string' || 'instanceId' in watched)
      throw new Error('watch(): a probe of kind ecs needs an ECS service');
    const { serviceArn, serviceName, cluster } = serviceOf(watched);
    ecsProber.maySee(...toSeeService(serviceArn, cluster.clusterArn));
    return { cluster: cluster.clusterName, service: serviceName, ...probe };
  }

  /** Subscribes to its state changes, so that each leads to a probe at once. */
  private hearOf(watched: Watched, stateChanges: StateChanges): void {
    if (typeof watched === 'string') return;
    if ('instanceId' in watched) stateChanges.ofInstance(this, watched.instanceId);
    else stateChanges.ofService(this, serviceOf(watched));
  }

  /** The step that restarts it, with the right to do that and no more. */
  private restartStep(watched: Watched, options: WatchOptions, { restart }: Functions): object | undefined {
    if (typeof watched === 'string' || isOff(options.document?.['restart'])) return undefined;
    if ('instanceId' in watched) {
      const document = 'Lamplighter-RestartLinux';
      const keeper = namesIn(options.document?.['restart'], configurationDocument.name)
        ? toRunOn(this, configurationDocument.name)
        : [];
      restart.allow(...toRunOn(this, document), ...keeper, onHosts(this, [watched.instanceId]), toFollowCommands());
      const { parameters } = options;
      return { kind: 'ssm', document, instanceIds: [watched.instanceId], ...(parameters && { parameters }) };
    }
    const service = serviceOf(watched);
    restart.allow(
      {
        statement: new PolicyStatement({
          actions: ['ecs:UpdateService', 'ecs:DescribeServices'],
          resources: [service.serviceArn],
        }),
      },
      toSeeTasks(service.cluster.clusterArn),
      ...toCompareBits(this),
      ...(stopsTasks(options.document?.['restart']) ? [toStopTasks(service.cluster.clusterArn)] : []),
      ...(rollsBack(options.document?.['restart']) ? toRollBack(service) : []),
    );
    return { kind: 'ecs', cluster: service.cluster.clusterName, service: service.serviceName };
  }
}

/** Nothing may be restarted, not even if a person asks. */
const isOff = (restart: unknown): boolean =>
  typeof restart === 'object' &&
  restart !== null &&
  'mode' in restart &&
  restart.mode === 'off' &&
  !('steps' in restart);

/**
 * AWS cannot narrow the right to stop tasks to those of one service, so it is granted only if the registration names
 * the action.
 */
const stopsTasks = (restart: unknown): boolean => namesIn(restart, 'stop-tasks');

const rollsBack = (restart: unknown): boolean => JSON.stringify(restart ?? {}).includes('"action":"rollback"');

const namesIn = (restart: unknown, name: string): boolean => JSON.stringify(restart ?? {}).includes(`"${name}"`);

const serviceOf = (watched: IBaseService | LoadBalanced): IBaseService =>
  'serviceArn' in watched ? watched : watched.service;

/**
 * The id to register under: the given one, or one derived from the construct or the host, in the form that ids have.
 */
export function watchId(watched: Watched, { id }: WatchOptions): string {
  if (id !== undefined) return id;
  const name = typeof watched === 'string' ? hostOf(watched) : watched.node.id;
  const derived = name
    ?.toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  if (!derived) throw new Error('watch(): give an id, none can be derived');
  return derived;
}

function urlOf(watched: Watched, { id, path = '/health', url }: WatchOptions): string {
  if (url !== undefined) return url;
  if (typeof watched === 'string') return watched;
  if ('loadBalancer' in watched) {
    const scheme = watched.certificate === undefined ? 'http' : 'https';
    return `${scheme}://${watched.loadBalancer.loadBalancerDnsName}${path}`;
  }
  throw new Error(`watch(): ${id} has no load balancer to ask; give its url`);
}

const hostOf = (url: string) => (!Token.isUnresolved(url) && URL.canParse(url) ? new URL(url).hostname : undefined);
