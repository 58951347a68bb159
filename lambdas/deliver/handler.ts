// Called by the queue of one receiver. May read that queue and the one secret that says where the receiver is; posts
// there and touches nothing else.
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

import { hmacSha256 } from '../adapters/hmac-sha256.ts';
import { createHttpsPoster } from '../adapters/https-poster.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSqsDeliveryQueue } from '../adapters/sqs-delivery-queue.ts';
import { ssmSecretSource } from '../adapters/ssm-secret-source.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { eachRecord } from '../runtime/each-record.ts';
import { lazy } from '../runtime/lazy.ts';
import { topicMessageSchema } from '../runtime/message-schemas.ts';
import { readEnv } from '../runtime/read-env.ts';
import { deliverAlert } from './deliver-alert.ts';

const log = lazy(() => createPowertoolsLog('deliver'));

/** One-machine mode has several receivers in one process, each with an environment of its own. */
export function handlerFor(environment: () => ReturnType<typeof environmentOfFunction>) {
  const ports = lazy(() => {
    const env = environment();
    return {
      receiver: env.LAMPLIGHTER_RECEIVER,
      // The role says which name may be read.
      secrets: ssmSecretSource(new SSMClient({}), systemClock, '/'),
      poster: createHttpsPoster(),
      queue: createSqsDeliveryQueue(new SQSClient({}), env.LAMPLIGHTER_DELIVER_QUEUE_URL),
      hmac: hmacSha256,
      clock: systemClock,
      log: log(),
    };
  });
  return eachRecord(
    topicMessageSchema,
    ({ Message }, { signal }, receipt) => deliverAlert(Message, receipt, ports(), signal),
    log,
    () => undefined,
  );
}

const environmentOfFunction = () => readEnv(functionEnv.deliver, process.env);

export const handler = handlerFor(environmentOfFunction);
