// The queues that exist, and their settings: names, URLs, ARNs, attributes and redrive policies, kept on disk.
import type { Storage } from '../../storage.ts';
import { attributesSchema, decode, inputs, type QueueAttributes, readRedrivePolicy, sqsFault } from './inputs.ts';
import { type Message, messageSchema, Queue, type QueueRules } from './queue.ts';

const ACCOUNT = '000000000000';
const FOUR_DAYS_SECONDS = 345_600;

/** `origin` returns `http://127.0.0.1:<port>` once the server listens; queue URLs begin with it. */
export type SqsSettings = Readonly<{ storage: Storage; origin: () => string; region: string; now?: () => number }>;
export type QueueEntry = { queue: Queue; attributes: QueueAttributes };

/** Opens the queues of earlier runs, with their messages. The functions are SQS's operations on queues. */
export async function openQueues({ storage, origin, region, now = Date.now }: SqsSettings) {
  const disk = storage.collection('sqs-queues', attributesSchema);
  const queues = new Map<string, QueueEntry>();
  const arnOf = (name: string) => `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;
  const urlOf = (name: string) => `${origin()}/${ACCOUNT}/${name}`;

  /** By URL, ARN or bare name: the last part decides. */
  function find(urlOrArn: string): QueueEntry & { name: string } {
    const name = urlOrArn.split(/[/:]/).at(-1) ?? '';
    const entry = queues.get(name);
    if (!entry) throw sqsFault('QueueDoesNotExist', 'The specified queue does not exist.');
    return { name, ...entry };
  }

  function rulesOf(name: string, attributes: QueueAttributes): QueueRules {
    const policy = readRedrivePolicy(attributes.RedrivePolicy);
    const bury = async (message: Message) => {
      const target = find(policy?.deadLetterTargetArn ?? '').queue;
      await target.add({ ...message, visibleAt: now(), deadLetterSource: arnOf(name) });
    };
    const retentionMs = 1000 * Number(attributes.MessageRetentionPeriod ?? FOUR_DAYS_SECONDS);
    return { retentionMs, maxReceiveCount: policy?.maxReceiveCount, moveDead: bury };
  }

  async function open(name: string, attributes: QueueAttributes): Promise<void> {
    const messages = storage.collection(`sqs-messages-${name}`, messageSchema);
    const queue = await Queue.open(messages, rulesOf(name, attributes), now);
    queues.set(name, { queue, attributes });
  }
  for (const [name, attributes] of await disk.all()) await open(name, attributes);

  /** One after the other: a queue must not be opened twice. */
  let creating: Promise<unknown> = Promise.resolve();
  async function createQueue(input: unknown) {
    const created = creating.then(async () => await create(input));
    creating = created.catch(() => undefined);
    return await created;
  }

  async function create(input: unknown) {
    const { QueueName: name, Attributes: attributes } = decode(inputs.createQueue, input);
    const known = queues.get(name)?.attributes;
    if (known && Object.entries(attributes).some(([key, value]) => known[key] !== value))
      throw sqsFault(
        'QueueNameExists',
        'A queue already exists with the same name and a different value for attributes.',
      );
    if (!known) {
      rulesOf(name, attributes);
      await disk.put(name, attributes);
      await open(name, attributes);
    }
    return { QueueUrl: urlOf(name) };
  }

  async function setAttributes(input: unknown) {
    const { QueueUrl, Attributes } = decode(inputs.setAttributes, input);
    const { name, queue, attributes } = find(QueueUrl);
    const changed = { ...attributes, ...Attributes };
    queue.rules = rulesOf(name, changed);
    await disk.put(name, changed);
    queues.set(name, { queue, attributes: changed });
  }

  function getAttributes(input: unknown) {
    const { QueueUrl, AttributeNames } = decode(inputs.getAttributes, input);
    const { name, queue, attributes } = find(QueueUrl);
    const { visible, held, delayed } = queue.counts();
    const all: Record<string, string> = {
      VisibilityTimeout: '30',
      DelaySeconds: '0',
      MessageRetentionPeriod: String(FOUR_DAYS_SECONDS),
      ReceiveMessageWaitTimeSeconds: '0',
      ...Object.fromEntries(Object.entries(attributes).flatMap(([key, value]) => (value ? [[key, value]] : []))),
      QueueArn: arnOf(name),
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(held),
      ApproximateNumberOfMessagesDelayed: String(delayed),
    };
    const wanted = ([key]: [string, string]) => AttributeNames.includes('All') || AttributeNames.includes(key);
    return { Attributes: Object.fromEntries(Object.entries(all).filter(wanted)) };
  }

  function listQueues(input: unknown) {
    const { QueueNamePrefix } = decode(inputs.listQueues, input);
    return { QueueUrls: [...queues.keys()].filter((name) => name.startsWith(QueueNamePrefix)).map(urlOf) };
  }

  const getUrl = (input: unknown) => ({ QueueUrl: urlOf(find(decode(inputs.getQueueUrl, input).QueueName).name) });
  const close = () => queues.forEach(({ queue }) => queue.close());
  return { find, createQueue, listQueues, getUrl, getAttributes, setAttributes, close };
}
