// Who is subscribed to which topic, kept on disk: subscriptions made through the API, which must be confirmed, and
// those of the configuration file, which are set from the file at every start.
import { createHash, randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { Storage } from '../../storage.ts';
import { AwsFault } from '../wire.ts';
import { endpointForms, type Listener, policyOf, type Protocol, protocols } from './config.ts';
import { readFilterPolicy } from './filter-policy.ts';
import { invalid } from './xml.ts';

const attributesSchema = z
  .object({
    FilterPolicy: z.string(),
    FilterPolicyScope: z.enum(['MessageAttributes', 'MessageBody']),
    RawMessageDelivery: z.enum(['true', 'false']),
  })
  .partial()
  .strict();
const subscriptionSchema = z.object({
  arn: z.string(),
  topicArn: z.string(),
  protocol: z.enum(protocols),
  endpoint: z.string(),
  /** The token in the link of the confirmation. */
  token: z.string(),
  isConfirmed: z.boolean(),
  isFromFile: z.boolean(),
  attributes: attributesSchema,
});
export type Subscription = z.infer<typeof subscriptionSchema>;

export async function openSubscriptions(storage: Storage) {
  const disk = storage.collection('sns-subscriptions', subscriptionSchema);
  const known = new Map(await disk.all());

  async function save(subscription: Subscription): Promise<Subscription> {
    known.set(subscription.arn, subscription);
    await disk.put(subscription.arn, subscription);
    return subscription;
  }
  async function remove(arn: string): Promise<void> {
    known.delete(arn);
    await disk.remove(arn);
  }
  function get(arn: string): Subscription {
    const found = known.get(arn);
    if (!found) throw new AwsFault('NotFound', 'Subscription does not exist', 404);
    return found;
  }
  const ofTopic = (topicArn: string) => [...known.values()].filter((one) => one.topicArn === topicArn);

  /** Subscribing the same endpoint twice makes one subscription. SMS and queues need no confirmation. */
  async function subscribe(
    topicArn: string,
    protocol: string,
    endpoint: string,
    given: unknown,
  ): Promise<Subscription> {
    const kind = z.enum(protocols).safeParse(protocol);
    if (!kind.success) throw invalid(`Protocol ${protocol} is not part of one-machine mode`);
    if (!endpointForms[kind.data].test(endpoint)) throw invalid(`Endpoint does not fit the protocol ${protocol}`);
    const attributes = readAttributes(given);
    const isSame = (one: Subscription) => one.protocol === protocol && one.endpoint === endpoint && !one.isFromFile;
    const there = ofTopic(topicArn).find(isSame);
    if (there) return there;
    const isConfirmed = protocol === 'sms' || protocol === 'sqs';
    const common = { topicArn, protocol: kind.data, endpoint, attributes, token: randomUUID(), isFromFile: false };
    return await save({ ...common, arn: `${topicArn}:${randomUUID()}`, isConfirmed });
  }

  async function confirm(topicArn: string, token: string): Promise<Subscription> {
    const found = ofTopic(topicArn).find((one) => one.token === token);
    if (!found) throw invalid('Token');
    return found.isConfirmed ? found : await save({ ...found, isConfirmed: true });
  }

  /** An empty text removes an attribute. */
  async function setAttribute(arn: string, name: string, value: string): Promise<void> {
    const found = get(arn);
    const others = Object.entries(found.attributes).filter(([key]) => key !== name);
    const changed = Object.fromEntries(value === '' ? others : [...others, [name, value]]);
    await save({ ...found, attributes: readAttributes(changed) });
  }

  /** Makes the topic's subscriptions from the file exactly these; the others stay. */
  async function setFromFile(topicArn: string, subscribers: readonly Listener[]): Promise<void> {
    const wanted = subscribers.map((subscriber) => fromFile(topicArn, subscriber));
    const arns = new Set(wanted.map(({ arn }) => arn));
    for (const { arn, isFromFile } of ofTopic(topicArn)) if (isFromFile && !arns.has(arn)) await remove(arn);
    for (const subscription of wanted) await save(subscription);
  }

  return { get, ofTopic, subscribe, confirm, setAttribute, setFromFile, remove };
}

/** The ARN is derived from the entry in the file, so the same entry is the same subscription after every start. */
function fromFile(topicArn: string, subscriber: Listener): Subscription {
  const { protocol, endpoint } = subscriber;
  const FilterPolicy = policyOf(subscriber);
  const hash = createHash('sha256')
    .update(JSON.stringify([protocol, endpoint, FilterPolicy]))
    .digest('hex')
    .slice(0, 16);
  const attributes = FilterPolicy === undefined ? {} : { FilterPolicy };
  const common: { protocol: Protocol; endpoint: string } = { protocol, endpoint };
  return {
    ...common,
    topicArn,
    arn: `${topicArn}:file-${hash}`,
    token: '',
    isConfirmed: true,
    isFromFile: true,
    attributes,
  };
}

function readAttributes(given: unknown): Subscription['attributes'] {
  const parsed = attributesSchema.safeParse(given);
  if (!parsed.success) throw invalid(`Attributes: ${z.prettifyError(parsed.error)}`);
  const { FilterPolicy, FilterPolicyScope = 'MessageAttributes' } = parsed.data;
  if (FilterPolicy !== undefined) readFilterPolicy(FilterPolicy, FilterPolicyScope);
  return parsed.data;
}
