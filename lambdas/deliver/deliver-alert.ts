// One alert to one receiver: its format, its signature, one POST. An alert that is not taken stays in the queue, for a
// time that grows with each try. The receiver's address is a secret: it is in no error and no log.
import { type Answer, type Delivered, judgeAnswer } from '../core/alerts/delivery/judge-answer.ts';
import { waitSeconds } from '../core/alerts/delivery/next-try.ts';
import { parseReceiver, type Receiver, type ReceiverAddress } from '../core/alerts/delivery/receiver.ts';
import { type AlertDocument, alertDocumentSchema } from '../core/alerts/document.ts';
import { signedDingtalkUrl } from '../core/alerts/formats/dingtalk.ts';
import { formatFor } from '../core/alerts/formats/format.ts';
import { type Hmac, signatureHeaders } from '../core/alerts/formats/webhook.ts';
import type { DeliveryQueue, Poster, Receipt } from '../ports/delivery.ts';
import type { SecretSource } from '../ports/prober.ts';
import type { Clock, Log } from '../ports/process.ts';

export type DeliverPorts = Readonly<{
  receiver: Receiver;
  secrets: SecretSource;
  poster: Poster;
  queue: DeliveryQueue;
  hmac: Hmac;
  clock: Clock;
  log: Log;
}>;

/** It was not delivered and comes again, or ends in the dead-letter queue. */
class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
}

/**
 * `message` is the JSON document from SNS. A receiver that drops duplicates by the key sees an alert posted twice only
 * once.
 */
export async function deliverAlert(
  message: string,
  { receiptHandle, tries }: Receipt,
  ports: DeliverPorts,
  signal: AbortSignal,
): Promise<void> {
  const { receiver, log } = ports;
  const document = alertDocumentSchema.parse(JSON.parse(message));
  const outcome = await tryOnce(document, ports, signal);
  const seen = { receiver: receiver.name, deduplicationKey: document.deduplicationKey, tries };
  if (outcome.kind === 'taken') return log.info('an alert was delivered', seen);
  const seconds = waitSeconds(outcome, tries);
  // Without it the message comes back as well, at the queue's own pace.
  await ports.queue.again(receiptHandle, seconds, signal).catch((error: unknown) => {
    log.warn('the next try could not be put off', { ...seen, error: error instanceof Error ? error.name : 'fault' });
  });
  throw new DeliveryError(`${receiver.name} did not take ${document.deduplicationKey}: ${outcome.why}`);
}

async function tryOnce(document: AlertDocument, ports: DeliverPorts, signal: AbortSignal): Promise<Delivered> {
  const { receiver, secrets, poster, clock } = ports;
  try {
    const kind = receiver.secret.startsWith('/') ? 'ssm' : 'secret';
    const text = await secrets.read(kind, kind === 'ssm' ? receiver.secret : `/${receiver.secret}`, signal);
    const parsed = parseReceiver(text, receiver);
    // Somebody may be about to mend it, so it is waited for as for a receiver that is away.
    if (parsed.kind === 'wrong') return { kind: 'later', why: `the secret ${receiver.secret} is wrong: ${parsed.why}` };
    const answer: Answer = await poster.post(requestOf(document, parsed.address, ports), signal);
    return judgeAnswer(receiver.format, answer, clock.now());
  } catch (error) {
    return { kind: 'later', why: error instanceof Error ? error.message : 'fault' };
  }
}

function requestOf(document: AlertDocument, { url, keys }: ReceiverAddress, { receiver, hmac, clock }: DeliverPorts) {
  const { body, headers } = formatFor(receiver.format, document);
  const now = clock.now();
  const [key] = keys;
  if (receiver.format === 'dingtalk' && key !== undefined)
    return { url: signedDingtalkUrl(url, key, now, hmac), body, headers };
  if (receiver.format !== 'webhook') return { url, body, headers };
  const signed = signatureHeaders({ body, id: document.deduplicationKey, now, secrets: keys }, hmac);
  return { url, body, headers: { ...headers, ...signed } };
}
