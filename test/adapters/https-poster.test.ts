import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { createHttpsPoster } from '../../lambdas/adapters/https-poster.ts';
import { openReceiver } from '../deliver/receiver.ts';

const tls = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const pair = (name: string) => ({ key: tls(`${name}.key`), cert: tls(`${name}.crt`) });
const ca = tls('ca.crt');
const { signal } = new AbortController();
const ask = { body: '{"é":1}', headers: { 'content-type': 'application/json', 'webhook-id': 'a' } };

const failure = async (promise: Promise<unknown>): Promise<Error> =>
  await promise.then(
    () => expect.fail('it was taken'),
    (error: Error) => error,
  );

describe('a post', () => {
  it('brings body and headers over TLS, and the answer back', async () => {
    const reply = { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' };
    const { received, url } = await openReceiver(() => reply, pair('good'));
    const answer = await createHttpsPoster({ ca }).post({ url, ...ask }, signal);
    expect(answer).toEqual({ status: 429, body: 'slow down', retryAfter: '7' });
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: '/hook/s3cret?key=s3cret',
        body: ask.body,
        headers: { ...ask.headers, 'content-length': '8' },
      },
    ]);
  });

  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['other-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('goes nowhere where the certificate is wrong: %s', async (name, code) => {
    const { received, url } = await openReceiver(undefined, pair(name));
    const error = await failure(createHttpsPoster({ ca }).post({ url, ...ask }, signal));
    expect(error.message).toBe(`the request failed: ${code}`);
    expect(received).toEqual([]);
  });

  it('goes nowhere where nobody vouches for the certificate', async () => {
    const { received, url } = await openReceiver(undefined, pair('good'));
    const error = await failure(createHttpsPoster().post({ url, ...ask }, signal));
    expect(error.message).toMatch(
      /^the request failed: (UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/,
    );
    expect(received).toEqual([]);
  });

  it('follows nobody elsewhere', async () => {
    const other = await openReceiver();
    const { url } = await openReceiver(() => ({ status: 307, headers: { location: other.url } }));
    expect(await createHttpsPoster().post({ url, ...ask }, signal)).toMatchObject({ status: 307 });
    expect(other.received).toEqual([]);
  });

  it('reads no more than 16 kB of an answer', async () => {
    const { url } = await openReceiver(() => ({ body: 'x'.repeat(1_000_000) }));
    const { body } = await createHttpsPoster().post({ url, ...ask }, signal);
    expect(body).toBe('x'.repeat(16_384));
  });

  it('waits for a silent receiver no longer than its patience', async () => {
    const { url } = await openReceiver(() => 'hang');
    const error = await failure(createHttpsPoster({ patienceMs: 100 }).post({ url, ...ask }, signal));
    expect(error.message).toBe('no answer within 0.1 s');
  });

  it('is cut off with the function', async () => {
    const { url } = await openReceiver(() => 'hang');
    const error = await failure(createHttpsPoster().post({ url, ...ask }, AbortSignal.timeout(50)));
    expect(error.message).toBe('the request failed: ABORT_ERR');
  });

  it.each([
    ['a refused connection', 'http://127.0.0.1:1/s3cret', /ECONNREFUSED/],
    ['no such name', 'https://s3cret.invalid/s3cret', /(ENOTFOUND|EAI_AGAIN)/],
    ['no URL at all', 's3cret', /ERR_INVALID_URL/],
  ])('tells %s without the address', async (_what, url, code) => {
    const error = await failure(createHttpsPoster().post({ url, ...ask }, signal));
    expect(error.message).toMatch(code);
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('s3cret');
  });
});
