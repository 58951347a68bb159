import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it, onTestFinished } from 'vitest';

import { AwsFault, awsServer, type WireServices } from '../../local/aws/wire.ts';

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
    expect(await (await fetch(`${url}/?Action=Confirm`)).text()).toBe('<Answer>Confirm</Answer>');
    const refused = await post(url, '', 'Action=Fail');
    expect(refused.status).toBe(404);
    const xml = await refused.text();
    expect(xml).toContain('<Code>InvalidParameter</Code>');
    expect(xml).toContain('<Message>no &#60;topic&#62; &#38; more</Message>');
  });

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
