// The way of alerts under faults: many alerts through the real SNS client to a topic that throttles, fails, is silent, or
// takes a notice and answers an error, and with invocations that die between publishing and striking off. Nothing is
// lost; what comes twice is no more than what could not be known to have arrived.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSnsAlertSink } from '../../lambdas/adapters/sns-alert-sink.ts';
import type { AlertPorts } from '../../lambdas/alert/carry-out.ts';
import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import type { AlertKind, Intent } from '../../lambdas/core/model/intents.ts';
import { noOutbox } from '../../lambdas/flow/change-service.ts';
import type { AlertSink } from '../../lambdas/ports/alerts.ts';
import { AwsFault, awsServer } from '../../local/aws/wire.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { Crash } from './invocation.ts';

const { signal } = new AbortController();
const SERVICES = 12;
const KINDS: readonly AlertKind[] = ['unhealthy', 'restart_failed', 'recovered'];
/** Of the alert queue of the stack. */
const TRIES = 10;
const VISIBILITY_MS = 90_000;

type Answer = 'taken' | 'throttled' | 'failed' | 'silent' | 'taken, and failed' | 'refused';

/** A topic that answers to the nth request as the script says; what it took, it keeps. */
function makeTopic() {
  const taken: string[] = [];
  const answers: Answer[] = [];
  let answerTo: (request: number, key: string) => Answer = () => 'taken';
  const server = awsServer({
    json: [],
    query: async (parameters) => {
      const { default: json } = JSON.parse(parameters.get('Message') ?? '{}') as { default: string };
      const { deduplicationKey } = JSON.parse(json) as { deduplicationKey: string };
      const answer = answerTo(answers.length, deduplicationKey);
      answers.push(answer);
      if (answer.startsWith('taken')) taken.push(deduplicationKey);
      if (answer === 'throttled') throw new AwsFault('Throttling', 'Rate exceeded', 400);
      if (answer === 'refused') throw new AwsFault('InvalidParameter', 'Invalid parameter: Subject', 400);
      if (answer === 'silent') await new Promise(() => undefined);
      if (answer.endsWith('failed')) throw new AwsFault('InternalError', 'We failed', 500);
      return '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>';
    },
    dynamodb: (_, response) => response.end(),
  });
  return { taken, answers, server, say: (to: typeof answerTo) => void (answerTo = to) };
}

/** A silent topic is waited for as long; an answer of a busy machine must not be taken for silence. */
const PATIENCE_MS = 600;

let topic: ReturnType<typeof makeTopic>;
let client: SNSClient;
beforeEach(async () => {
  topic = makeTopic();
  topic.server.listen(0, '127.0.0.1');
  await once(topic.server, 'listening');
  client = new SNSClient({
    endpoint: `http://127.0.0.1:${(topic.server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true },
  });
});
afterEach(() => {
  client.destroy();
  topic.server.closeAllConnections();
  topic.server.close();
});

const idOf = (index: number) => `service-${index}`;
const intentsOf = (id: string): Intent[] =>
  KINDS.map((kind) => ({
    ...{ id: `${id}-${kind}`, at: START, handedAt: START, kind: 'alert' },
    alert: {
      ...{ kind, level: 'error', incidentId: id, deduplicationKey: `${id}:${kind}`, message: 'it is down' },
      ...{ detectedAt: START, restarts: 0 },
    },
  }));
const wanted = Array.from({ length: SERVICES }, (_, index) => KINDS.map((kind) => `${idOf(index)}:${kind}`)).flat();

/** Works the queue off until it is empty; says what ended in the dead-letter queue. */
async function play(wrap: (sink: AlertSink) => AlertSink = (sink) => sink) {
  const stores = fakeStores(1);
  const { ports: probePorts, clock, metrics } = probeSet({}, stores);
  const sink = wrap(createSnsAlertSink({ client, topicArn: 'arn:aws:sns:eu-central-1:000000000000:alerts' }));
  const ports: AlertPorts = {
    ...probePorts,
    outbox: noOutbox,
    timeline: stores.timeline,
    targets: stores.targets,
    sink,
  };
  const queue = Array.from({ length: SERVICES }, (_, index) => ({ id: idOf(index), tries: 0 }));
  for (const { id } of queue) await put(stores, registration({ id }), { intents: intentsOf(id) });
  const deadLetters: string[] = [];
  while (queue.length > 0) {
    for (const message of queue.splice(0)) {
      message.tries += 1;
      const { id } = message;
      const body = { tenant: 'default', id, correlationId: 'c', intentIds: intentsOf(id).map((intent) => intent.id) };
      const isDone = await sendAlert(body, ports, signal).then(
        () => true,
        () => false,
      );
      if (isDone) continue;
      if (message.tries < TRIES) queue.push(message);
      else deadLetters.push(id);
    }
    clock.pass(VISIBILITY_MS);
  }
  const left = await Promise.all(Array.from({ length: SERVICES }, (_, index) => stateOf(stores, idOf(index))));
  return { deadLetters, metrics, pending: left.flatMap(({ intents }) => intents.map(({ id }) => id)) };
}

const doubles = () => topic.taken.length - new Set(topic.taken).size;

describe('alerts on their way to SNS', () => {
  it.each([
    ['throttles', 'throttled', 2],
    ['fails', 'failed', 3],
    ['is silent now and then', 'silent', 9],
  ] as const)('all arrive, and each once, where SNS %s', async (_what, answer, every) => {
    topic.say((request) => (request % every === 0 ? answer : 'taken'));
    const { deadLetters, pending } = await play();
    expect([deadLetters, pending]).toEqual([[], []]);
    expect([...topic.taken].sort()).toEqual([...wanted].sort());
  });

  it('all arrive after an outage of SNS that is shorter than ten tries', async () => {
    topic.say((request) => (request < wanted.length * (TRIES - 1) ? 'failed' : 'taken'));
    const { deadLetters, pending } = await play();
    expect([deadLetters, pending]).toEqual([[], []]);
    expect([...topic.taken].sort()).toEqual([...wanted].sort());
  });

  it('come twice only where SNS had taken them and did not say so', async () => {
    topic.say((request) => (request % 4 === 0 ? 'taken, and failed' : request % 5 === 0 ? 'throttled' : 'taken'));
    const { deadLetters, pending } = await play();
    expect([deadLetters, pending]).toEqual([[], []]);
    expect(new Set(topic.taken)).toEqual(new Set(wanted));
    const unsaid = topic.answers.filter((answer) => answer === 'taken, and failed').length;
    expect(unsaid).toBeGreaterThan(0);
    expect(doubles()).toBe(unsaid);
  });

  it('come twice only where the function died between publishing and striking off', async () => {
    let published = 0;
    let deaths = 0;
    const mortal = (sink: AlertSink): AlertSink => ({
      async publish(notice, abort) {
        await sink.publish(notice, abort);
        published += 1;
        if (published % 7 !== 0) return;
        deaths += 1;
        throw new Crash('after publishing');
      },
    });
    const { deadLetters, pending } = await play(mortal);
    expect([deadLetters, pending]).toEqual([[], []]);
    expect(new Set(topic.taken)).toEqual(new Set(wanted));
    expect(deaths).toBeGreaterThan(2);
    expect(doubles()).toBe(deaths);
  });

  it('do not wait behind one that SNS refuses for good: that one is left pending, and its message calls somebody', async () => {
    const poison = `${idOf(3)}:restart_failed`;
    topic.say((_, key) => (key === poison ? 'refused' : 'taken'));
    const { deadLetters, pending } = await play();
    expect([...topic.taken].sort()).toEqual(wanted.filter((key) => key !== poison).sort());
    expect(deadLetters).toEqual([idOf(3)]);
    expect(pending).toEqual([`${idOf(3)}-restart_failed`]);
    expect(topic.answers.filter((answer) => answer === 'refused')).toHaveLength(TRIES);
  });

  it('stay pending in their services through an outage that is longer than all tries', async () => {
    topic.say(() => 'failed');
    const { deadLetters, pending } = await play();
    expect(deadLetters).toHaveLength(SERVICES);
    expect(pending).toHaveLength(wanted.length);
  });
});
