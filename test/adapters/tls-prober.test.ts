// The TLS prober: handshake, trust, name and the days that are left.
import { createServer as createTcpServer } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

import { describe, expect, it } from 'vitest';

import { credentials, listen, look } from '../make/probe-bench.ts';

const serve = (name: string, more: TlsOptions = {}) =>
  listen(
    createServer({ ...credentials(name), ...more }, (socket) => socket.on('error', () => undefined)).on(
      'tlsClientError',
      () => undefined,
    ),
  );
const tls = (port: number, more: object = {}) => ({ kind: 'tls', host: '127.0.0.1', port, ...more });
const CENTURY_ENDS = Date.UTC(2120, 0, 1);
const DAY = 86_400_000;

it('a trusted certificate of that name is up, with the days it has left', async () => {
  const port = await serve('good');
  const clock = { now: () => CENTURY_ENDS - 40.5 * DAY };
  const observation = await look(tls(port), { clock });
  expect(observation).toMatchObject({ verdict: 'up', certificateDaysLeft: 40 });
  expect(observation.latencyMs).toBeLessThan(1_000);
});

it('the name, not the address, is asked for and held against the certificate', async () => {
  const names: string[] = [];
  const port = await serve('good', {
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  const resolve = async () => ['127.0.0.1'];
  expect(await look(tls(port, { host: 'good.test.' }), { resolve })).toMatchObject({ verdict: 'up' });
  expect(await look(tls(port, { host: 'bad.test' }), { resolve })).toMatchObject({
    message: 'TLS failed: ERR_TLS_CERT_ALTNAME_INVALID',
  });
  expect(names).toEqual(['good.test', 'bad.test']);
});

describe('a certificate near its end', () => {
  it('is slow below the warning', async () => {
    const port = await serve('good');
    const clock = { now: () => CENTURY_ENDS - 9.5 * DAY };
    expect(await look(tls(port, { certificateWarningDays: 10 }), { clock })).toMatchObject({
      verdict: 'slow',
      cause: 'certificate_expiring',
      certificateDaysLeft: 9,
      message: 'the certificate ends in 9 days; the warning begins at 10',
    });
    expect(await look(tls(port, { certificateWarningDays: 9 }), { clock })).toMatchObject({ verdict: 'up' });
  });
});

describe('a certificate that is not to be trusted', () => {
  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['other-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('(%s) is down, and says %s', async (name, code) => {
    expect(await look(tls(await serve(name)))).toEqual({
      verdict: 'down',
      cause: 'tls_failed',
      message: `TLS failed: ${code}`,
    });
  });

  it('is down when its authority is not known', async () => {
    expect(await look(tls(await serve('good')), { authorities: [] })).toMatchObject({
      cause: 'tls_failed',
      message: 'TLS failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });

  it('is taken where the registration says so, and its end is still told', async () => {
    const relaxed = { verifyCertificate: false };
    expect(await look(tls(await serve('self-signed'), relaxed))).toMatchObject({ verdict: 'up' });
    expect(await look(tls(await serve('expired'), relaxed))).toMatchObject({
      verdict: 'slow',
      cause: 'certificate_expiring',
    });
  });
});

describe('a port', () => {
  it('that speaks no TLS is down', async () => {
    const port = await listen(createTcpServer((socket) => socket.end('220 mail.test ESMTP\r\n')));
    const observation = await look(tls(port));
    expect(observation).toMatchObject({ verdict: 'down', cause: 'tls_failed' });
    expect(observation.message).toMatch(/^TLS failed: (EPROTO|ERR_SSL_\w+)$/);
  });

  it('that has no version in common is down', async () => {
    const port = await serve('good', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(await look(tls(port))).toMatchObject({ verdict: 'down', cause: 'tls_failed' });
  });

  it('that cuts the handshake is a reset', async () => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.end())));
    expect(await look(tls(port))).toMatchObject({ verdict: 'down', cause: 'reset' });
  });

  it('that takes the connection and never shakes hands is a timeout', async () => {
    const port = await listen(createTcpServer(() => undefined));
    expect(await look(tls(port, { timeoutSeconds: 0.3 }))).toMatchObject({
      cause: 'timeout',
      message: 'waited 0.3 s in vain for the TLS handshake',
    });
  });

  it('of an address that must not be dialled is unknown', async () => {
    expect(await look(tls(443, { host: '::1' }))).toMatchObject({ verdict: 'unknown', cause: 'address_refused' });
  });
});
