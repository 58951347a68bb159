// The whole of one-machine mode in this process: one outage of a real local service, seen from outside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Cloud, startCloud } from '../../local/cloud.ts';
import { readSettings } from '../../local/settings.ts';
import { apiClient, eventually, freePort, makeStage, openInbox } from './one-machine.ts';

const stage = makeStage();
const faults: unknown[] = [];
let inbox: Awaited<ReturnType<typeof openInbox>>;
let cloud: Cloud;
let api: ReturnType<typeof apiClient>;
let port: number;

beforeAll(async () => {
  inbox = await openInbox();
  port = await freePort();
  const config = {
    ecs: {
      services: [
        { cluster: 'prod', service: 'lamp', command: stage.command('lamp', port), port, env: stage.env },
        // Has nothing to do with the outage and must see nothing of it.
        { cluster: 'prod', service: 'other', command: 'sleep 600', env: stage.env },
      ],
    },
    sns: { subscribers: [{ protocol: 'http', endpoint: inbox.endpoint }] },
  };
  const env = { LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: join(stage.path, 'data') };
  cloud = await startCloud({
    settings: readSettings(env, config),
    print: () => undefined,
    onError: (error) => void faults.push(error),
  });
  api = apiClient(cloud.apiUrl);
}, 40_000);

afterAll(async () => {
  try {
    await cloud.stop();
    expect(stage.processes(), 'stopping ends the local services').toEqual([]);
  } finally {
    await inbox.close();
    stage.clear();
  }
});

/** Where this process listens, as Linux tells it: hexadecimal addresses by port. */
function listeningAddresses(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === '0A' && local.endsWith(`:${wanted}`))
    .map(([, local = '']) => local.split(':')[0] ?? '');
}
const LOOPBACK = '0100007F';

describe('one machine', () => {
  it('listens on loopback only', () => {
    for (const url of [cloud.apiUrl, cloud.awsUrl])
      expect(listeningAddresses(Number(new URL(url).port))).toEqual([LOOPBACK]);
  });

  it('tells the alert function where its API is', () => {
    expect(process.env['LAMPLIGHTER_API_URL']).toBe(cloud.apiUrl);
  });

  it('has queues with dead-letter queues, and its subscriber', async () => {
    const sqs = new SQSClient({});
    for (const [name, visibility] of [
      ['PROBE', '60'],
      ['RESTART', '30'],
      ['ALERT', '30'],
    ]) {
      const QueueUrl = process.env[`LAMPLIGHTER_${name}_QUEUE_URL`];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      expect(Attributes).toMatchObject({ VisibilityTimeout: visibility });
      expect(JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}')).toMatchObject({
        deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:lamplighter-${name?.toLowerCase()}-dead`,
      });
    }
    sqs.destroy();
    const sns = new SNSClient({});
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: cloud.topicArn }));
    expect(Subscriptions).toMatchObject([{ Protocol: 'http', Endpoint: inbox.endpoint }]);
    sns.destroy();
  });

  it('sees a killed service, restarts it once, verifies it, and tells of it once', { timeout: 60_000 }, async () => {
    await eventually('the service', () => stage.lives('lamp').length === 1, 10_000);
    await api.register('lamp', port, { kind: 'ecs', cluster: 'prod', service: 'lamp' });
    const isHealth = async (health: string) => (await api.service('lamp'))?.health === health;
    cloud.startRounds();
    await eventually('healthy', () => isHealth('healthy'), 15_000);

    process.kill(stage.lives('lamp')[0] ?? 0, 'SIGKILL');
    await eventually('unhealthy', () => isHealth('unhealthy'), 15_000);
    await eventually('healthy again', () => isHealth('healthy'), 40_000);
    const end = await eventually(
      'nothing pending',
      async () => {
        const view = await api.service('lamp');
        return view?.pendingIntents === 0 && view;
      },
      10_000,
    );

    expect(end).toMatchObject({ totalRestarts: 1, incident: null, restart: { phase: 'completed' } });
    expect(stage.lives('lamp')).toHaveLength(2);
    const events = await api.events('lamp');
    const sent = ['restart_ordered', 'restart_begun', 'restart_sent'];
    expect(events.map(({ kind }) => kind).toSorted()).toEqual(
      ['healthy', 'unhealthy', ...sent, 'evidence', 'instance_changed', 'restart_completed', 'recovered'].toSorted(),
    );
    expect(events.map(({ at }) => at)).toEqual(
      events
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(events.at(-1)?.kind).toBe('healthy');

    await eventually('the alert of recovery', () => inbox.alerts.some(({ kind }) => kind === 'recovered'), 10_000);
    expect(inbox.alerts.map(({ kind, level, service }) => `${service.id} ${kind} ${level}`)).toEqual([
      ...['lamp unhealthy warning', 'lamp recovered warning'],
    ]);
    expect(faults).toEqual([]);
  });

  it('says that its rounds run', async () => {
    const response = await fetch(`${cloud.apiUrl}/health`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'ok', services: 1, coverage: 1 }]);
  });
});
