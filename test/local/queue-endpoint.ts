// A loopback endpoint with queues and topics for tests: real SDK clients against the real server, on a folder that can
// be opened again. Run as a program it serves the folder it is given, with a
// web hook on the topic `alerts` if one is given, until it is killed.
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';

import { openSns } from '../../local/aws/sns/sns.ts';
import { openSqs } from '../../local/aws/sqs/sqs.ts';
import { awsServer } from '../../local/aws/wire.ts';
import { openStorage } from '../../local/storage.ts';

type Options = { folder?: string; port?: number; now?: () => number; retryScale?: number };
export type Endpoint = Awaited<ReturnType<typeof startEndpoint>>;

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'eu-central-1';

export const clientsOf = (endpoint: string) => ({
  sqs: new SQSClient({ endpoint, region, credentials, maxAttempts: 1 }),
  sns: new SNSClient({ endpoint, region, credentials, maxAttempts: 1 }),
});

export async function startEndpoint({ folder, port = 0, now = Date.now, retryScale = 0.001 }: Options = {}) {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'lamplighter-queues-'));
  const storage = await openStorage(home);
  const printed: string[] = [];
  const place = { origin: '' };
  const origin = () => place.origin;
  const sqs = await openSqs({ storage, origin, region, now });
  const print = (text: string) => printed.push(text);
  const common = { storage, origin, region, now, retryScale };
  const sns = await openSns({ ...common, from: 'Lamplighter <lamp@example.com>', print, sendToQueue: sqs.sendToArn });
  const server = awsServer({ json: [sqs.service], query: sns.query, dynamodb: (_, response) => response.end() });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  place.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await sns.resume();
  const clients = clientsOf(place.origin);
  return {
    ...clients,
    origin: place.origin,
    home,
    printed,
    topics: sns,
    /** Stops as a process does that is asked to; the folder stays unless `forget`. */
    async stop({ forget = true } = {}) {
      clients.sqs.destroy();
      clients.sns.destroy();
      sqs.close();
      await sns.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await storage.close();
      if (forget) rmSync(home, { recursive: true, force: true });
    },
  };
}

export async function makeQueue(sqs: SQSClient, QueueName: string, Attributes = {}) {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

export async function attributesOf(sqs: SQSClient, QueueUrl: string) {
  const AttributeNames: QueueAttributeName[] = ['All'];
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Attributes;
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder, hook] = process.argv;
  const { origin, topics } = await startEndpoint({ folder, retryScale: 1 });
  await topics.configure('alerts', hook === undefined ? [] : [{ protocol: 'http', endpoint: hook }]);
  process.stdout.write(`${origin}\n`);
}
