import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';

import { httpEntry, type HttpRequest } from '../../lambdas/runtime/http-entry.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { contextFor, httpEvent } from './invoke.ts';

/** A function that answers with the request that it was given. */
function mirror() {
  const log = fakeLog();
  const handler = httpEntry(
    async (request) => ({ status: 200, body: request }),
    () => log,
    () => undefined,
  );
  return {
    log,
    ask: async (change: Parameters<typeof httpEvent>[1] = {}, route = 'POST /services') => {
      const answer = await handler(httpEvent(route, change), contextFor());
      return { ...answer, request: bodyOf(answer) as HttpRequest };
    },
  };
}
const bodyOf = ({ body }: APIGatewayProxyStructuredResultV2): unknown => JSON.parse(body ?? 'null');

describe('an HTTP request', () => {
  it('carries its route, id, query and JSON body', async () => {
    const { request, headers } = await mirror().ask(
      { pathParameters: { id: 'billing' }, queryStringParameters: { tenant: 'acme' }, body: '{"a":[1]}' },
      'PUT /services/{id}',
    );
    expect(request).toMatchObject({
      routeKey: 'PUT /services/{id}',
      id: 'billing',
      query: { tenant: 'acme' },
      body: { a: [1] },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });

  it('has no body when none was sent', async () => {
    expect((await mirror().ask()).request).not.toHaveProperty('body');
    expect((await mirror().ask({ body: '' })).request).not.toHaveProperty('body');
  });

  it('may name what it has none of as null, as imitations of API Gateway do', async () => {
    const none = { pathParameters: null, queryStringParameters: null, body: null } as never;
    const { request, statusCode } = await mirror().ask(none);
    expect(statusCode).toBe(200);
    expect(request).toMatchObject({ query: {} });
    expect(request).not.toHaveProperty('body');
  });

  it('may carry its body in base64', async () => {
    const body = Buffer.from('{"name":"Ä"}').toString('base64');
    expect((await mirror().ask({ body, isBase64Encoded: true })).request.body).toEqual({ name: 'Ä' });
  });

  it.each([
    ['in plain', { body: '{"a":' }],
    ['in base64', { body: Buffer.from('{').toString('base64'), isBase64Encoded: true }],
  ])('with a body that is no JSON, %s, is answered with 400', async (_, change) => {
    const answer = await mirror().ask(change);
    expect(answer.statusCode).toBe(400);
    expect(bodyOf(answer)).toEqual({
      error: { code: 'INVALID_JSON', message: 'the body is not valid JSON', details: [] },
    });
    expect(answer.headers).toMatchObject({ 'x-correlation-id': 'request-1' });
  });

  it('keeps the correlation id that it came with, and gives it back', async () => {
    const { request, headers } = await mirror().ask({ headers: { 'x-correlation-id': 'order-7:a.b_c' } });
    expect(request.correlationId).toBe('order-7:a.b_c');
    expect(headers).toMatchObject({ 'x-correlation-id': 'order-7:a.b_c' });
  });

  it.each([
    ['none', undefined],
    ['one with a line break', 'a\r\nset-cookie: x'],
    ['one with a space', 'a b'],
    ['an empty one', ''],
    ['one that is too long', 'x'.repeat(101)],
  ])('that came with %s is given the request id for it', async (_, given) => {
    const { request, headers } = await mirror().ask({
      headers: given === undefined ? {} : { 'x-correlation-id': given },
    });
    expect(request.correlationId).toBe('request-1');
    expect(headers).toMatchObject({ 'x-correlation-id': 'request-1' });
  });

  it.each([
    [
      'the ARN of IAM',
      { iam: { userArn: 'arn:aws:iam::123456789012:user/ada', accessKey: 'AKIA' } },
      'arn:aws:iam::123456789012:user/ada',
    ],
    ['the subject of a JWT', { jwt: { claims: { sub: 'ada', aud: 'x' }, scopes: null } }, 'ada'],
    ['anonymous where a JWT has no subject', { jwt: { claims: { sub: 7 } } }, 'anonymous'],
    ['the name that our authorizer found', { lambda: { user: 'jane' } }, 'people/jane'],
    ['anonymous where an authorizer found nobody', { lambda: {} }, 'anonymous'],
    ['anonymous where an authorizer has no context', { lambda: null }, 'anonymous'],
    ['a subject that would pass for a person, marked', { jwt: { claims: { sub: 'people/jane' } } }, 'jwt/people/jane'],
    ['a subject that would pass for IAM, marked', { jwt: { claims: { sub: 'arn:aws:iam::1' } } }, 'jwt/arn:aws:iam::1'],
    ['a subject that would pass for a marked one, marked', { jwt: { claims: { sub: 'jwt/ada' } } }, 'jwt/jwt/ada'],
    ['a subject that would pass for nobody, marked', { jwt: { claims: { sub: 'anonymous' } } }, 'jwt/anonymous'],
    ['a person that would pass for IAM, marked', { lambda: { user: 'arn:aws:iam::1' } }, 'people/arn:aws:iam::1'],
    ['the ARN, whatever else is there', { iam: { userArn: 'arn:a' }, lambda: { user: 'jane' } }, 'arn:a'],
    ['the subject, whatever else is there', { jwt: { claims: { sub: 'ada' } }, lambda: { user: 'jane' } }, 'ada'],
    ['anonymous where nobody was asked', undefined, 'anonymous'],
  ])('is made by %s', async (_, authorizer, caller) => {
    expect((await mirror().ask(authorizer ? { authorizer } : {})).request.caller).toBe(caller);
  });
});

describe('a caller', () => {
  it('cannot be chosen by anything that is sent', async () => {
    const claim = { authorizer: { lambda: { user: 'jane' } }, caller: 'people/jane', user: 'jane' };
    const { request } = await mirror().ask({
      authorizer: { iam: { userArn: 'arn:aws:iam::123456789012:user/ada' } },
      headers: { authorization: 'Basic amFuZTp4', 'x-amzn-authorizer': 'jane', user: 'people/jane' },
      queryStringParameters: { caller: 'people/jane', user: 'jane' },
      pathParameters: { id: 'people/jane' },
      body: JSON.stringify({ ...claim, requestContext: claim }),
    });
    expect(request.caller).toBe('arn:aws:iam::123456789012:user/ada');
    expect(JSON.stringify(request)).not.toContain('amFuZTp4');
  });
});

describe('an answer', () => {
  const answering = (answer: () => Promise<{ status: number; body?: unknown }>) => {
    const log = fakeLog();
    return {
      log,
      handler: httpEntry(
        answer,
        () => log,
        () => undefined,
      ),
    };
  };

  it('that is a file goes out as it is, under its own headers, and may be empty', async () => {
    const headers = { 'content-type': 'text/csv', 'cache-control': 'public', 'x-correlation-id': 'mine' };
    for (const text of ['a,b\r\n', '']) {
      const { handler } = answering(async () => ({ status: 200, text, headers }));
      expect(await handler(httpEvent('GET /events/export'), contextFor())).toEqual({
        statusCode: 200,
        headers: { 'content-type': 'text/csv', 'cache-control': 'no-store', 'x-correlation-id': 'request-1' },
        body: text,
      });
    }
  });

  it('without a body has none, and no content type', async () => {
    const { handler } = answering(async () => ({ status: 204 }));
    const answer = await handler(httpEvent('DELETE /services/{id}'), contextFor());
    expect(answer).toEqual({
      statusCode: 204,
      headers: { 'x-correlation-id': 'request-1', 'cache-control': 'no-store' },
    });
  });

  it('to an unknown fault is 500 without detail, and the fault goes to the log', async () => {
    const { handler, log } = answering(() => Promise.reject(new TypeError('table secret-name is gone')));
    const answer = await handler(httpEvent('GET /fleet'), contextFor());
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret-name');
    expect(bodyOf(answer)).toEqual({
      error: { code: 'INTERNAL', message: 'something failed on our side; see the log for request-1', details: [] },
    });
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'a request failed',
        details: { route: 'GET /fleet', correlationId: 'request-1', error: 'TypeError: table secret-name is gone' },
      },
    ]);
  });

  it('comes as 500 also when the time runs out', async () => {
    const log = fakeLog();
    const handler = httpEntry(
      (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
      () => log,
      () => undefined,
    );
    expect(await handler(httpEvent('GET /fleet'), contextFor(900))).toMatchObject({ statusCode: 500 });
    expect(log.lines).toHaveLength(1);
  });
});
