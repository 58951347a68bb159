import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { stackEntry, type StackEvent } from '../../lambdas/runtime/stack-entry.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { contextFor } from './invoke.ts';

type Answer = Record<string, string>;
let server: Server;
let url = '';
let answers: { method: string; type: string; body: Answer }[] = [];
let status = 200;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const part of request) text += part;
  answers.push({
    method: request.method!,
    type: request.headers['content-type'] ?? '',
    body: JSON.parse(text) as Answer,
  });
  response.writeHead(status).end();
}

beforeAll(async () => {
  server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?signed`;
});
beforeEach(() => {
  answers = [];
  status = 200;
});
afterAll(() => server.close());

const event = (change: Partial<StackEvent> = {}) => ({
  RequestType: 'Create',
  ResponseURL: url,
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Registration',
  ResourceProperties: { ServiceToken: 'arn', Document: '{}' },
  ...change,
});

async function handle(input: unknown, run: (event: StackEvent) => Promise<string> = async () => 'default/shop') {
  const log = fakeLog();
  await stackEntry(
    (seen) => run(seen),
    () => log,
    () => undefined,
  )(input, contextFor());
  return log;
}

describe('a custom resource', () => {
  it('tells CloudFormation that it was done, and under which id', async () => {
    await handle(event());
    expect(answers).toEqual([
      {
        method: 'PUT',
        type: '',
        body: {
          Status: 'SUCCESS',
          StackId: 'stack',
          RequestId: 'request',
          LogicalResourceId: 'Registration',
          PhysicalResourceId: 'default/shop',
        },
      },
    ]);
  });

  it('tells CloudFormation why it failed, and keeps the id', async () => {
    const fail = async () => await Promise.reject(new Error(`probe.url is missing ${'x'.repeat(2_000)}`));
    await handle(event({ RequestType: 'Update', PhysicalResourceId: 'default/old' }), fail);
    expect(answers[0]?.body).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'default/old' });
    expect(answers[0]?.body['Reason']).toMatch(/^probe.url is missing/);
    expect(answers[0]?.body['Reason']!.length).toBeLessThanOrEqual(1_000);
  });

  it('has nothing to remove when its creation failed', async () => {
    await handle(event(), async () => await Promise.reject(new Error('no')));
    const { PhysicalResourceId } = answers[0]!.body;
    let ran = 0;
    await handle(event({ RequestType: 'Delete', PhysicalResourceId: PhysicalResourceId! }), async () =>
      String((ran += 1)),
    );
    expect(answers[1]?.body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(ran).toBe(0);
  });

  it('fails loudly when CloudFormation does not take the answer', async () => {
    status = 403;
    await expect(handle(event())).rejects.toThrow('403');
  });

  it('fails loudly on an event that is none of CloudFormation', async () => {
    await expect(handle({ RequestType: 'Drop' })).rejects.toThrow();
    expect(answers).toEqual([]);
  });
});
