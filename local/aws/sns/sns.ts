// SNS of one-machine mode, as the SDK's SNS client and the AWS CLI know it: standard topics with filtered
// subscriptions. Webhooks are posted and retried as SNS does it, mails and SMS are printed.
import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { Storage } from '../../storage.ts';
import { AwsFault, type QueryService } from '../wire.ts';
import type { Listener } from './config.ts';
import { type Delivery, type DeliverySettings, openDeliveries } from './delivery.ts';
import { deliveryOf, headersOf, isWanted, readPublish, unsigned } from './message.ts';
import { mailText } from './print.ts';
import { openSubscriptions, type Subscription } from './subscriptions.ts';
import { invalid, readEntries, snsAnswer, xmlElement, xmlMap, xmlText } from './xml.ts';

const ACCOUNT = '000000000000';

export type SnsSettings = Readonly<{
  storage: Storage;
  /** Where this endpoint listens, once it does; links for people and webhooks begin with it. */
  origin: () => string;
  region: string;
  /** The sender of mails. */
  from: string;
  print: (text: string) => void;
  sendToQueue: DeliverySettings['sendToQueue'];
  /** 1 is SNS's own pace of retries; smaller is faster. */
  retryScale?: number;
  now?: () => number;
}>;
export type LocalSns = Readonly<{
  query: QueryService;
  /**
   * Creates the topic if need be, and makes its subscribers from the configuration exactly these. Returns the topic's
   * ARN.
   */
  configure(topicName: string, subscribers: readonly Listener[]): Promise<string>;
  /** Call it when the endpoint listens: resumes what an earlier process had not delivered. */
  resume(): Promise<void>;
  /** Call it before the storage closes. */
  close(): Promise<void>;
}>;

export async function openSns(settings: SnsSettings): Promise<LocalSns> {
  const { storage, origin, region, from, retryScale = 1, now = Date.now } = settings;
  const disk = storage.collection('sns-topics', z.string());
  const topics = new Set((await disk.all()).map(([, arn]) => arn));
  const subscriptions = await openSubscriptions(storage);
  const deliveries = openDeliveries({ ...settings, retryScale, now });

  async function createTopic(name: string): Promise<string> {
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalid('Topic Name');
    const arn = `arn:aws:sns:${region}:${ACCOUNT}:${name}`;
    await disk.put(name, arn);
    topics.add(arn);
    return arn;
  }

  function topicOf(parameters: URLSearchParams): string {
    const arn = parameters.get('TopicArn') ?? parameters.get('TargetArn') ?? '';
    if (arn === '') throw invalid('TopicArn is required; one-machine mode publishes to topics only');
    if (!topics.has(arn)) throw new AwsFault('NotFound', 'Topic does not exist', 404);
    return arn;
  }

  async function publish(parameters: URLSearchParams): Promise<string> {
    const published = readPublish(parameters, topicOf(parameters), now());
    const listeners = subscriptions.ofTopic(published.topicArn).filter(({ isConfirmed }) => isConfirmed);
    const wanted = listeners.filter((subscription) => isWanted(published, subscription));
    await deliveries.add(wanted.map((subscription) => deliveryOf(published, subscription, origin(), from)));
    return snsAnswer('Publish', xmlText('MessageId', published.id));
  }

  async function subscribe(parameters: URLSearchParams): Promise<string> {
    const attributes = Object.fromEntries(readEntries(parameters, 'Attributes', 'key', 'value'));
    const [protocol, endpoint] = [parameters.get('Protocol') ?? '', parameters.get('Endpoint') ?? ''];
    const made = await subscriptions.subscribe(topicOf(parameters), protocol, endpoint, attributes);
    if (!made.isConfirmed) await deliveries.add([confirmationOf(made, origin(), from, now())]);
    const isShown = made.isConfirmed || parameters.get('ReturnSubscriptionArn') === 'true';
    return snsAnswer('Subscribe', xmlText('SubscriptionArn', isShown ? made.arn : 'pending confirmation'));
  }

  function list(parameters: URLSearchParams): string {
    const members = subscriptions.ofTopic(topicOf(parameters)).map((one) => {
      const arn = one.isConfirmed ? one.arn : 'PendingConfirmation';
      const named = { SubscriptionArn: arn, Owner: ACCOUNT, Protocol: one.protocol, Endpoint: one.endpoint };
      const texts = Object.entries(named).map(([name, text]) => xmlText(name, text));
      return xmlElement('member', ...texts, xmlText('TopicArn', one.topicArn));
    });
    return snsAnswer('ListSubscriptionsByTopic', xmlElement('Subscriptions', ...members));
  }

  function attributesOf(arn: string): string {
    const { topicArn, protocol, endpoint, isConfirmed, attributes } = subscriptions.get(arn);
    const own = { SubscriptionArn: arn, TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Owner: ACCOUNT };
    const state = { PendingConfirmation: String(!isConfirmed), RawMessageDelivery: 'false', ...attributes };
    return snsAnswer('GetSubscriptionAttributes', xmlMap('Attributes', { ...own, ...state }));
  }

  const operations: Readonly<Record<string, (parameters: URLSearchParams) => Promise<string> | string>> = {
    CreateTopic: async (given) =>
      snsAnswer('CreateTopic', xmlText('TopicArn', await createTopic(given.get('Name') ?? ''))),
    ListTopics: () => {
      const members = [...topics].map((arn) => xmlElement('member', xmlText('TopicArn', arn)));
      return snsAnswer('ListTopics', xmlElement('Topics', ...members));
    },
    Publish: publish,
    Subscribe: subscribe,
    ConfirmSubscription: async (given) => {
      const { arn } = await subscriptions.confirm(topicOf(given), given.get('Token') ?? '');
      return snsAnswer('ConfirmSubscription', xmlText('SubscriptionArn', arn));
    },
    Unsubscribe: async (given) => {
      await subscriptions.remove(given.get('SubscriptionArn') ?? '');
      return snsAnswer('Unsubscribe');
    },
    ListSubscriptionsByTopic: list,
    GetSubscriptionAttributes: (given) => attributesOf(given.get('SubscriptionArn') ?? ''),
    SetSubscriptionAttributes: async (given) => {
      const [name, value] = [given.get('AttributeName') ?? '', given.get('AttributeValue') ?? ''];
      await subscriptions.setAttribute(given.get('SubscriptionArn') ?? '', name, value);
      return snsAnswer('SetSubscriptionAttributes');
    },
  };

  return {
    async query(parameters) {
      const action = parameters.get('Action') ?? '';
      const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
      if (!operation) throw new AwsFault('InvalidAction', `${action} is not part of one-machine mode`);
      return await operation(parameters);
    },
    async configure(topicName, subscribers) {
      const arn = await createTopic(topicName);
      await subscriptions.setFromFile(arn, subscribers);
      return arn;
    },
    resume: deliveries.resume,
    close: deliveries.close,
  };
}

/** The first message to a new subscriber: nothing else is sent until its link was visited. */
function confirmationOf(subscription: Subscription, origin: string, from: string, at: number): Delivery {
  const { topicArn, endpoint, token, protocol } = subscription;
  const id = randomUUID();
  const link = `${origin}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
  const Message = `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
  const common = { id, endpoint, attributes: {}, attempts: 0, dueAt: at };
  if (protocol === 'email') {
    const body = `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm, visit ${link}`;
    const mail = { from, to: endpoint, subject: 'AWS Notification - Subscription Confirmation', body };
    return { ...common, way: 'print', headers: {}, body: mailText(mail) };
  }
  const Timestamp = new Date(at).toISOString();
  const named = { Type: 'SubscriptionConfirmation', MessageId: id, Token: token, TopicArn: topicArn, Message };
  const body = JSON.stringify({ ...named, SubscribeURL: link, Timestamp, ...unsigned });
  return { ...common, way: 'post', headers: headersOf('SubscriptionConfirmation', id, subscription), body };
}
