// Decodes events of EventBridge, as AWS sends them: which targets have changed, and when. What an event says about
// their state is ignored; it only tells where to look.
import * as z from 'zod/mini';

import type { StateChangeMessage, Target } from '../../contract/messages.ts';
import { ec2Target, ecsTarget } from './targets.ts';

/** An event this long after its change is stale: the rounds have probed the service since. */
const STALE_AFTER_MS = 300_000;

const text = z.optional(z.string());
/** The envelope that all events share. AWS may add to it, and to the details, what it likes. */
const eventSchema = z.object({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  time: z.string().check(z.refine((time) => !Number.isNaN(Date.parse(time)), 'must be a time')),
  resources: z.catch(z.array(z.string()), []),
  detail: z.catch(z.object({ clusterArn: text, group: text, 'instance-id': text }), {}),
});
type AwsEvent = z.infer<typeof eventSchema>;

/** Decodes any event of AWS; one that is not about an ECS service or an instance gives no targets. */
export const stateChangeSchema = z.pipe(
  eventSchema,
  z.transform((event: AwsEvent): StateChangeMessage => ({
    kind: 'state_change',
    correlationId: event.id,
    event: `${event.source}: ${event['detail-type']}`,
    at: Date.parse(event.time),
    targets: targetsNamed(event),
  })),
);

function targetsNamed({ source, 'detail-type': type, resources, detail }: AwsEvent): readonly Target[] {
  switch (`${source}: ${type}`) {
    case 'aws.ecs: ECS Task State Change':
      return ecsTargets(detail.clusterArn, serviceOfGroup(detail.group));
    case 'aws.ecs: ECS Deployment State Change':
      return resources.flatMap((arn) => targetsOfService(arn, detail.clusterArn));
    case 'aws.ec2: EC2 Instance State-change Notification':
      return targetOfInstance(detail['instance-id']);
    default:
      return [];
  }
}

const targetOfInstance = (id = ''): readonly Target[] => (/^i-[0-9a-f]{1,17}$/.test(id) ? [ec2Target(id)] : []);

/** The group of a task is `service:<name>` when a service has started it; other tasks belong to no service. */
const serviceOfGroup = (group = ''): string | undefined => /^service:(.+)$/.exec(group)?.[1];

/** `…:service/<cluster>/<name>`; the ARN of an old service lacks the cluster, which the event may name beside it. */
function targetsOfService(arn: string, clusterArn: string | undefined): readonly Target[] {
  const [, path = ''] = /^arn:[^:]*:ecs:[^:]*:[^:]*:service\/(.+)$/.exec(arn) ?? [];
  const parts = path.split('/');
  return parts.length === 2 ? ecsTargets(parts[0], parts[1]) : ecsTargets(clusterArn, path);
}

/** A cluster goes by its ARN in events and by its short name in registrations. */
function ecsTargets(clusterOrArn = '', service = ''): readonly Target[] {
  const cluster = clusterOrArn.replace(/^arn:[^:]*:ecs:[^:]*:[^:]*:cluster\//, '');
  return [cluster, service].every((name) => /^[A-Za-z0-9_-]{1,255}$/.test(name)) ? [ecsTarget(cluster, service)] : [];
}

/**
 * The beat (epoch ms) for the probe that a state change leads to; `undefined` when the event is too late to be worth
 * one. Never after `now`: with a clock that is ahead, the beats of the rounds would seem old.
 */
export const beatOf = ({ at }: StateChangeMessage, now: number): number | undefined =>
  now - at > STALE_AFTER_MS ? undefined : Math.min(at, now);
