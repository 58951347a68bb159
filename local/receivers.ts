// Receivers of alerts in one-machine mode, as in the stack: for each a queue behind the topic, and the deliver function
// with an environment of its own. Receivers on this machine need no TLS.
import type { SQSClient } from '@aws-sdk/client-sqs';

import { functionEnv } from '../lambdas/contract/env.ts';
import { functionTimeoutSeconds } from '../lambdas/contract/limits.ts';
import { readEnv } from '../lambdas/runtime/read-env.ts';
import type { WebhookSettings } from '../lib/alert-settings.ts';
import type { Listener } from './aws/sns/config.ts';
import { lambdaContext } from './lambda-context.ts';
import { type Poller, startPoller } from './queue-poller.ts';
import { makeQueue, queueArn } from './work-queues.ts';

/** As in the stack; hidden for a little longer than the function may take. */
const LIMITS = { visibilitySeconds: functionTimeoutSeconds.deliver + 5, tries: 10 };

const queueOf = ({ name }: WebhookSettings) => `deliver-${name}`;

/** Which alerts each of them gets, for the topic. */
export const listenersOf = (webhooks: readonly WebhookSettings[]): readonly Listener[] =>
  webhooks.map((webhook) => ({
    protocol: 'sqs',
    endpoint: queueArn(queueOf(webhook)),
    filterPolicy: {
      ...(webhook.levels && { level: webhook.levels }),
      ...(webhook.projects && { project: webhook.projects }),
      ...(webhook.tags && { tags: webhook.tags }),
    },
  }));

/** Makes the queues; call it before the topic needs them. `start` begins to deliver. */
export async function openReceivers(
  client: SQSClient,
  webhooks: readonly WebhookSettings[],
  onError: (error: unknown) => void,
): Promise<Readonly<{ start(): Promise<readonly Poller[]> }>> {
  const urls = await Promise.all(webhooks.map((webhook) => makeQueue(client, queueOf(webhook), LIMITS)));

  return {
    async start() {
      const { handlerFor } = await import('../lambdas/deliver/handler.ts');
      return webhooks.map((webhook, index) => {
        const queueUrl = urls[index] ?? '';
        const { name, format, secret } = webhook;
        const own = {
          LAMPLIGHTER_DELIVER_QUEUE_URL: queueUrl,
          LAMPLIGHTER_RECEIVER: JSON.stringify({ name, format, secret, isLocal: true }),
        };
        const handler = handlerFor(() => readEnv(functionEnv.deliver, own));
        return startPoller({
          client,
          queueUrl,
          queueArn: queueArn(queueOf(webhook)),
          batchSize: 1,
          concurrency: 2,
          visibilitySeconds: LIMITS.visibilitySeconds,
          invoke: (event) => handler(event, lambdaContext('deliver', functionTimeoutSeconds.deliver)),
          onError,
        });
      });
    },
  };
}
