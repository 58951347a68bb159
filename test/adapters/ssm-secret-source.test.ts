// The secret source with the real SDK client against an endpoint that speaks its wire protocol.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';

import { ssmSecretSource } from '../../lambdas/adapters/ssm-secret-source.ts';
import { listen, look } from '../make/probe-bench.ts';

type Asked = { Name: string; WithDecryption: boolean };
const signal = new AbortController().signal;
const KEY = '/lamplighter/probe/key';

/** A Parameter Store that answers with `values`; a missing one is ParameterNotFound, an empty one an answer without value. */
async function store(values: Record<string, string>, more: { hold?: Promise<void>; prefix?: string } = {}) {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = z
      .looseObject({ Name: z.string(), WithDecryption: z.boolean() })
      .parse(JSON.parse(await text(request)));
    asked.push(body);
    await more.hold;
    const value = values[body.Name];
    const found = value === '' ? {} : { Parameter: { Name: body.Name, Value: value } };
    const missing = { __type: 'ParameterNotFound', message: `no ${body.Name}: hunter2` };
    response.writeHead(value === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(value === undefined ? missing : found));
  };
  const port = await listen(createServer((request, response) => void answer(request, response)));
  const client = new SSMClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  const clock = { at: 0, now: () => clock.at };
  return { source: ssmSecretSource(client, clock, more.prefix), asked, clock, values };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a read', () => {
  it('of a parameter asks for it decrypted', async () => {
    const { source, asked } = await store({ [KEY]: 'hunter2' });
    expect(await source.read('ssm', KEY, signal)).toBe('hunter2');
    expect(asked).toEqual([{ Name: KEY, WithDecryption: true }]);
  });

  it('of a secret goes through Parameter Store as well', async () => {
    const { source, asked } = await store({ [`/aws/reference/secretsmanager${KEY}`]: 'hunter2' });
    expect(await source.read('secret', KEY, signal)).toBe('hunter2');
    expect(asked).toHaveLength(1);
  });

  it.each(['/other/key', '/lamplighter/probex', 'lamplighter/probe/key'])('of %s is refused unasked', async (name) => {
    const { source, asked } = await store({ [name]: 'hunter2' });
    await expect(source.read('ssm', name, signal)).rejects.toThrow('is not below /lamplighter/probe/');
    expect(asked).toEqual([]);
  });

  it('below a prefix of its own is refused for what lies below that of probes', async () => {
    const people = '/lamplighter/api/people';
    const { source, asked } = await store(
      { [`/aws/reference/secretsmanager${people}`]: 'users', [KEY]: 'hunter2' },
      { prefix: people },
    );
    expect(await source.read('secret', people, signal)).toBe('users');
    await expect(source.read('ssm', KEY, signal)).rejects.toThrow(`is not below ${people}`);
    expect(asked).toHaveLength(1);
  });

  it('that fails names the parameter and the error, and nothing that was answered', async () => {
    const { source } = await store({});
    await expect(source.read('ssm', KEY, signal)).rejects.toThrow(`${KEY} could not be read: ParameterNotFound`);
  });

  it('that gives no value fails, and is asked for again', async () => {
    const { source, values } = await store({ [KEY]: '' });
    await expect(source.read('ssm', KEY, signal)).rejects.toThrow(`${KEY} has no value`);
    values[KEY] = 'hunter2';
    expect(await source.read('ssm', KEY, signal)).toBe('hunter2');
  });

  it('that is cut off ends at once', async () => {
    const hold = Promise.withResolvers<void>();
    const { source } = await store({ [KEY]: 'hunter2' }, { hold: hold.promise });
    const controller = new AbortController();
    const read = source.read('ssm', KEY, controller.signal);
    controller.abort();
    await expect(read).rejects.toThrow('the read was cut off');
    await expect(source.read('ssm', KEY, AbortSignal.abort())).rejects.toThrow('the read was cut off');
    hold.resolve();
    expect(await source.read('ssm', KEY, signal)).toBe('hunter2');
  });
});

describe('a value', () => {
  it('is read once a minute, however many ask, and new after that', async () => {
    const { source, asked, clock, values } = await store({ [KEY]: 'old' });
    const read = () => source.read('ssm', KEY, signal);
    expect(await Promise.all([read(), read(), read()])).toEqual(['old', 'old', 'old']);
    values[KEY] = 'new';
    clock.at = 59_999;
    expect(await read()).toBe('old');
    clock.at = 60_000;
    expect(await read()).toBe('new');
    expect(asked).toHaveLength(2);
  });

  it('that could not be read is asked for again', async () => {
    const { source, values } = await store({});
    await expect(source.read('ssm', KEY, signal)).rejects.toThrow();
    values[KEY] = 'here now';
    expect(await source.read('ssm', KEY, signal)).toBe('here now');
  });
});

describe('a probe with secret headers', () => {
  const probing = (url: string, more: object = {}) => ({
    kind: 'http',
    url,
    headers: { authorization: `Bearer {{ssm:${KEY}}}`, 'x-two': `{{secret:${KEY}}}{{ssm:${KEY}}}` },
    ...more,
  });
  const both = (value: string) => ({ [KEY]: value, [`/aws/reference/secretsmanager${KEY}`]: 's2' });

  it('sends them filled in, and shows none of them though the service sends them back', async () => {
    const { source } = await store(both('hunter2$&'));
    const port = await listen(createServer((request, response) => response.end(JSON.stringify(request.headers))));
    const json = [{ path: '$.authorization', equals: 'x' }];
    const observation = await look(probing(`http://127.0.0.1:${port}/`, { expect: { json } }), { secrets: source });
    // One of the two secrets is too short to be told from other text, so nothing of what was found is shown.
    expect(observation).toMatchObject({ verdict: 'down', message: '$.authorization is "***", expected "***"' });
    const exact = [
      { path: '$.authorization', equals: 'Bearer hunter2$&' },
      { path: '$.x-two', equals: 's2hunter2$&' },
    ];
    expect(
      await look(probing(`http://127.0.0.1:${port}/`, { expect: { json: exact } }), { secrets: source }),
    ).toMatchObject({ verdict: 'up' });
  });

  it('is unknown, and names the reference, when one cannot be read', async () => {
    const { source } = await store({});
    expect(await look(probing('http://127.0.0.1:1/'), { secrets: source })).toEqual({
      verdict: 'unknown',
      cause: 'secret_unavailable',
      message: `{{ssm:${KEY}}} could not be read`,
    });
  });

  it.each(['hunter2\r\nx-admin: 1', 'hunter2\n', 'hünter2', 'hunter2\0'])(
    'is unknown when a value would break the header (%j)',
    async (value) => {
      const { source } = await store(both(value));
      expect(await look(probing('http://127.0.0.1:1/'), { secrets: source })).toEqual({
        verdict: 'unknown',
        cause: 'secret_unavailable',
        message: `{{ssm:${KEY}}} holds a character that a header must not have`,
      });
    },
  );

  it('is unknown when reading takes all the time there was', async () => {
    const hold = new Promise<void>(() => undefined);
    const { source } = await store({}, { hold });
    expect(await look(probing('http://127.0.0.1:1/', { timeoutSeconds: 0.2 }), { secrets: source })).toEqual({
      verdict: 'unknown',
      cause: 'secret_unavailable',
      message: 'the secrets were not read within 0.2 s',
    });
  });
});
