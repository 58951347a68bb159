import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished } from 'vitest';

import { AwsFault, awsServer, type WireServices } from '../../local/aws/wire.ts';

const LIMIT = 4 * 1024 * 1024;
const ssm = {
  target: 'AmazonSSM',
  operations: {
    GetParameter: (input: unknown) => ({ Parameter: input }),
    SendCommand: () => {
      throw new AwsFault('InvalidDocument', 'there is no <document>');
    },
    CancelCommand: () => Promise.reject(new TypeError('a bug')),
    AddTagsToResource: () => undefined,
  },
};

async function open(services: Partial<WireServices> = {}): Promise<string> {
  const server = awsServer({
    json: [ssm],
    query: async (parameters) => {
      if (parameters.get('Action') === 'Fail') throw new AwsFault('InvalidParameter', 'no <topic> & more', 404);
      return `<Answer>${parameters.get('Action')}</Answer>`;
    },
    dynamodb: (_, response) => response.end('the engine'),
    ...services,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const post = (url: string, target: string, body: string) =>
  fetch(url, {
    method: 'POST',
    body,
    headers: { ...(target && { 'x-amz-target': target }), 'content-type': 'application/x-amz-json-1.1' },
  });
const sdk = (endpoint: string) => ({
  ...{ endpoint, region: 'us-east-1', maxAttempts: 1 },
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

describe('the AWS endpoint', () => {
  it('answers an operation, to the real client', async () => {
    const client = new SSMClient(sdk(await open()));
    const { Parameter } = await client.send(new GetParameterCommand({ Name: '/a' }));
    expect(Parameter).toMatchObject({ Name: '/a' });
    client.destroy();
  });

  it('answers an operation without a result, and one without an input', async () => {
    const response = await post(await open(), 'AmazonSSM.AddTagsToResource', '');
    expect([response.status, await response.json()]).toEqual([200, {}]);
  });

  it('gives a refusal the name that the client knows it by', async () => {
    const response = await post(await open(), 'AmazonSSM.SendCommand', '{}');
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'InvalidDocument']);
    expect(await response.json()).toEqual({ __type: 'InvalidDocument', message: 'there is no <document>' });
  });

  it('does not know operations and services that are not part of it', async () => {
    const url = await open();
    const client = new ECSClient(sdk(url));
    await expect(client.send(new DescribeClustersCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('DescribeClusters is not part of one-machine mode'),
    });
    client.destroy();
    const response = await post(url, 'AmazonSSM.RebootFleet', '{}');
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'UnknownOperationException']);
  });

  it('answers a body that is no JSON, or a fault of its own, with an error, and goes on', async () => {
    const url = await open();
    const wrong = await post(url, 'AmazonSSM.GetParameter', '{"Name":');
    expect(wrong.ok).toBe(false);
    expect(await wrong.json()).toMatchObject({ __type: expect.any(String), message: expect.stringContaining('JSON') });
    const broken = await post(url, 'AmazonSSM.CancelCommand', '{}');
    expect([broken.status, await broken.json()]).toEqual([500, { __type: 'InternalFailure', message: 'a bug' }]);
    expect((await post(url, 'AmazonSSM.GetParameter', '{}')).status).toBe(200);
  });

  it('speaks the query protocol where no target is named, by form and by URL', async () => {
    const url = await open();
    const form = await post(url, '', 'Action=Publish&Message=x');
    expect([form.headers.get('content-type'), await form.text()]).toEqual(['text/xml', '<Answer>Publish</Answer>']);
    for (const link of ['ConfirmSubscription', 'Unsubscribe'])
      expect(await (await fetch(`${url}/?Action=${link}`)).text()).toBe(`<Answer>${link}</Answer>`);
    const refused = await post(url, '', 'Action=Fail');
    expect(refused.status).toBe(404);
    const xml = await refused.text();
    expect(xml).toContain('<Code>InvalidParameter</Code>');
    expect(xml).toContain('<Message>no &#60;topic&#62; &#38; more</Message>');
  });

  it.each([
    ['GET', '?Action=Publish'],
    ['GET', '?Action=Subscribe'],
    ['GET', '?Action=Publish&Action=Unsubscribe'],
    ['GET', '?Action=unsubscribe'],
    ['HEAD', '?Action=Publish'],
    ['PUT', '?Action=Publish'],
  ])('does not do by %s %s what no link in a message asks for', async (method, search) => {
    const asked: URLSearchParams[] = [];
    const url = await open({
      query: async (parameters) => {
        asked.push(parameters);
        return '';
      },
    });
    const response = await fetch(`${url}/${search}`, { method });
    expect([response.status, asked]).toEqual([405, []]);
    if (method !== 'HEAD') expect(await response.text()).toContain('<Code>MethodNotAllowed</Code>');
  });

  it('takes a body of four megabytes, and answers 413 to one byte more', async () => {
    const url = await open();
    const body = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
    expect((await post(url, 'AmazonSSM.AddTagsToResource', body(LIMIT))).status).toBe(200);
    const response = await post(url, 'AmazonSSM.AddTagsToResource', body(LIMIT + 1));
    expect([response.status, await response.json()]).toMatchObject([413, { __type: 'RequestEntityTooLarge' }]);
  });

  it.each(['AmazonSSM.GetParameter', ''])(
    'reads a body that is much too large to its end before it refuses it (target "%s")',
    async (target) => {
      const { hostname, port } = new URL(await open());
      const headers = target === '' ? {} : { 'x-amz-target': target };
      const asked = request({ port, host: hostname, method: 'POST', headers });
      const body = Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(1024 * 1024)));
      // Rejects when the connection is cut before everything is sent, although an answer may have come by then.
      const [[response]] = (await Promise.all([once(asked, 'response'), pipeline(body, asked)])) as [
        [IncomingMessage],
        void,
      ];
      response.resume();
      expect(response.statusCode).toBe(413);
    },
  );

  it('hands everything for DynamoDB to the engine', async () => {
    expect(await (await post(await open(), 'DynamoDB_20120810.GetItem', '{}')).text()).toBe('the engine');
  });

  it('shows pages that are there, and 404 for others', async () => {
    const url = await open({ get: async ({ pathname }) => (pathname === '/here' ? 'a page' : undefined) });
    expect(await (await fetch(`${url}/here`)).text()).toBe('a page');
    expect((await fetch(`${url}/there`)).status).toBe(404);
    expect((await fetch(await open())).status).toBe(404);
  });
});
