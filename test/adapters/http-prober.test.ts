// The HTTP prober against real servers, friendly and hostile.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { credentials, listen, look } from '../make/probe-bench.ts';

const serve = (answer: RequestListener) => listen(createServer(answer));
const serveRaw = (answer: (socket: Socket) => void) => listen(createTcpServer(answer));
const http = (port: number, more: object = {}) => ({
  kind: 'http',
  url: `http://127.0.0.1:${port}/health?x=1`,
  ...more,
});

describe('an answer', () => {
  it('that is good is up, with its latency', async () => {
    const port = await serve((_, response) => response.end('ok'));
    const observation = await look(http(port));
    expect(observation).toMatchObject({ verdict: 'up', cause: 'none' });
    expect(observation.latencyMs).toBeLessThan(1_000);
  });

  it('was asked for with the original host, path, headers and correlation id', async () => {
    const asked: IncomingMessage[] = [];
    const port = await serve((request, response) => {
      asked.push(request);
      response.end();
    });
    const resolve = async () => ['127.0.0.1'];
    await look(
      { kind: 'http', url: `http://shop.test:${port}/health?x=1`, headers: { 'x-team': 'payments' } },
      { resolve },
    );
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/health?x=1' });
    expect(asked[0]!.headers).toEqual({
      host: `shop.test:${port}`,
      'user-agent': 'Lamplighter/1',
      'x-correlation-id': 'c-1',
      'x-team': 'payments',
      connection: 'close',
    });
  });

  it('of a wrong status is down', async () => {
    const port = await serve((_, response) => response.writeHead(503).end());
    expect(await look(http(port))).toMatchObject({
      verdict: 'down',
      cause: 'wrong_status',
      message: 'answered 503, expected 2xx',
    });
  });

  it('is judged by its JSON, although the pieces cut a character in two', async () => {
    const port = await serve((_, response) => {
      const whole = Buffer.from('{"name":"Zürich"}');
      response.write(whole.subarray(0, 11));
      setImmediate(() => response.end(whole.subarray(11)));
    });
    const asserting = (equals: string) => http(port, { expect: { json: [{ path: '$.name', equals }] } });
    expect(await look(asserting('Zürich'))).toMatchObject({ verdict: 'up' });
    expect(await look(asserting('Bern'))).toMatchObject({
      verdict: 'down',
      message: '$.name is "Zürich", expected "Bern"',
    });
  });

  it('that takes longer than it should is slow', async () => {
    const port = await serve((_, response) => setTimeout(() => response.end(), 120));
    expect(await look(http(port, { expect: { maxLatencyMs: 50 } }))).toMatchObject({
      verdict: 'slow',
      cause: 'too_slow',
    });
  });

  it('to HEAD has no body to wait for', async () => {
    const port = await serve((_, response) => response.writeHead(200, { 'content-length': '5' }).end());
    expect(await look(http(port, { method: 'HEAD' }))).toMatchObject({ verdict: 'up' });
  });
});

describe('a body', () => {
  it('of 100 MB is not read when it decides nothing', async () => {
    const { port, sent } = await flood(100);
    expect(await look(http(port))).toMatchObject({ verdict: 'up' });
    expect(sent()).toBeLessThan(20 * 1024 * 1024);
  });

  it('of 100 MB is given up after 1 MiB', async () => {
    const { port, sent } = await flood(100);
    expect(await look(http(port, { expect: { json: [{ path: '$', equals: 1 }] } }))).toMatchObject({
      verdict: 'down',
      cause: 'body_too_large',
    });
    expect(sent()).toBeLessThan(20 * 1024 * 1024);
  });

  it('of 100 MB is read only as far as the text that is looked for, even across two pieces', async () => {
    const { port } = await flood(100, ['status: hea', 'lthy']);
    expect(await look(http(port, { expect: { body: 'healthy' } }))).toMatchObject({ verdict: 'up' });
  });

  it('that drips a byte at a time ends with the timeout', async () => {
    const port = await serve((_, response) => {
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    });
    const begun = performance.now();
    expect(await look(http(port, { timeoutSeconds: 0.5, expect: { body: 'never' } }))).toEqual({
      verdict: 'down',
      cause: 'timeout',
      message: 'waited 0.5 s in vain for the whole body',
    });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  it('that is cut off is a reset', async () => {
    const port = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf')),
    );
    expect(await look(http(port, { expect: { body: 'never' } }))).toMatchObject({ verdict: 'down', cause: 'reset' });
  });
});

describe('a broken service', () => {
  it('whose port is closed has refused', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((done) => server.close(done));
    expect(await look(http(port))).toMatchObject({ verdict: 'down', cause: 'refused' });
  });

  it.each(['resetAndDestroy', 'end'] as const)('that cuts the connection (%s) has reset', async (how) => {
    const port = await serveRaw((socket) => socket.once('data', () => socket[how]()));
    expect(await look(http(port))).toMatchObject({ verdict: 'down', cause: 'reset' });
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a header without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ])('that speaks %s is malformed', async (_, text) => {
    const port = await serveRaw((socket) => socket.once('data', () => socket.write(text)));
    const observation = await look(http(port));
    expect(observation).toMatchObject({ verdict: 'down', cause: 'malformed_answer' });
    expect(observation.message).toMatch(/^the answer is not HTTP \(HPE_\w+\)$/);
  });

  it('that switches protocols unasked is down', async () => {
    const port = await serveRaw((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      ),
    );
    expect(await look(http(port, { timeoutSeconds: 2 }))).toMatchObject({ message: 'answered 101, expected 2xx' });
  });

  it('that takes the connection and says nothing is a timeout', async () => {
    const port = await serveRaw(() => undefined);
    expect(await look(http(port, { timeoutSeconds: 0.3 }))).toEqual({
      verdict: 'down',
      cause: 'timeout',
      message: 'waited 0.3 s in vain for an answer',
    });
  });

  it('that sends 100 Continue for ever is a timeout', async () => {
    const port = await serveRaw((socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await look(http(port, { timeoutSeconds: 0.3 }))).toMatchObject({ verdict: 'down', cause: 'timeout' });
  });
});

describe('a redirect', () => {
  it('is followed, with the registered headers, while the origin stays', async () => {
    const asked: IncomingMessage[] = [];
    const port = await serve((request, response) => {
      asked.push(request);
      if (request.url === '/moved') response.end('ok');
      else response.writeHead(302, { location: '/moved' }).end();
    });
    expect(await look(http(port, { headers: { 'x-key': 'k' } }))).toMatchObject({ verdict: 'up' });
    expect(asked.map(({ url, headers }) => [url, headers['x-key']])).toEqual([
      ['/health?x=1', 'k'],
      ['/moved', 'k'],
    ]);
  });

  it('to another origin and back leaves the registered headers behind', async () => {
    const asked: (string | string[] | undefined)[] = [];
    let home = 0;
    const away = await serve((request, response) => {
      asked.push(request.headers['x-key']);
      response.writeHead(307, { location: `http://127.0.0.1:${home}/back` }).end();
    });
    home = await serve((request, response) => {
      asked.push(request.headers['x-key']);
      if (request.url === '/back') response.end();
      else response.writeHead(308, { location: `http://127.0.0.1:${away}/` }).end();
    });
    expect(await look(http(home, { headers: { 'x-key': 'k' } }))).toMatchObject({ verdict: 'up' });
    expect(asked).toEqual(['k', undefined, undefined]);
  });

  it('303 turns into GET', async () => {
    const methods: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      methods.push(request.method);
      if (request.url === '/moved') response.end();
      else response.writeHead(303, { location: '/moved' }).end();
    });
    await look(http(port, { method: 'OPTIONS' }));
    await look(http(port, { method: 'HEAD' }));
    expect(methods).toEqual(['OPTIONS', 'GET', 'HEAD', 'HEAD']);
  });

  it('in a circle ends after the limit', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.writeHead(301, { location: '/again' }).end();
    });
    expect(await look(http(port, { maxRedirects: 2 }))).toMatchObject({
      verdict: 'down',
      cause: 'too_many_redirects',
      message: `redirected more than 2 times, last to 127.0.0.1:${port}`,
    });
    expect(asked).toBe(3);
  });

  it.each([
    'http://169.254.170.2/v2/credentials',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'http://10.0.0.1/',
  ])('to %s is not followed and counts for nothing', async (location) => {
    const port = await serve((_, response) => response.writeHead(302, { location }).end());
    expect(await look(http(port))).toMatchObject({ verdict: 'unknown', cause: 'address_refused' });
  });

  it.each(['file:///etc/passwd', 'http://', 'gopher://127.0.0.1/'])('to %s leads nowhere', async (location) => {
    const port = await serve((_, response) => response.writeHead(302, { location }).end());
    expect(await look(http(port))).toMatchObject({ verdict: 'down', cause: 'malformed_answer' });
  });

  it('that is expected, or leads nowhere, is the answer itself', async () => {
    const port = await serve((_, response) => response.writeHead(302, { location: '/login' }).end());
    expect(await look(http(port, { expect: { status: [302] } }))).toMatchObject({ verdict: 'up' });
    const mute = await serve((_, response) => response.writeHead(302).end());
    expect(await look(http(mute))).toMatchObject({ cause: 'wrong_status' });
  });

  it('shares one timeout with what came before', async () => {
    const port = await serve((_, response) => setTimeout(() => response.writeHead(302, { location: '/' }).end(), 200));
    const begun = performance.now();
    expect(await look(http(port, { timeoutSeconds: 0.5, maxRedirects: 10 }))).toMatchObject({ cause: 'timeout' });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });
});

describe('an address', () => {
  it('that must not be dialled is never dialled', async () => {
    let connected = 0;
    const port = await serveRaw(() => (connected += 1));
    const refused = { verdict: 'unknown', cause: 'address_refused' };
    expect(await look(http(port), { allowedRanges: [] })).toMatchObject(refused);
    expect(
      await look(
        { kind: 'http', url: `http://name.test:${port}/` },
        { resolve: async () => ['127.0.0.1', '10.0.0.1'] },
      ),
    ).toMatchObject(refused);
    expect(connected).toBe(0);
  });

  it('is looked up once, so that a name that changes its mind gains nothing', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return answers.shift() ?? [];
    };
    const port = await serve((request, response) =>
      response.writeHead(request.url === '/' ? 302 : 200, { location: '/next' }).end(),
    );
    const url = `http://rebinding.test:${port}`;
    expect(await look({ kind: 'http', url: `${url}/direct` }, { resolve })).toMatchObject({ verdict: 'up' });
    expect(asked).toEqual(['rebinding.test']);
    answers.unshift(['127.0.0.1']);
    expect(await look({ kind: 'http', url: `${url}/` }, { resolve })).toMatchObject({ cause: 'address_refused' });
  });
});

describe('HTTPS', () => {
  it('is up for a trusted certificate of that name, and tells the days left', async () => {
    const port = await listen(createSecureServer(credentials('good'), (_, response) => response.end('ok')));
    const observation = await look(
      { kind: 'http', url: `https://good.test:${port}/` },
      { resolve: async () => ['127.0.0.1'] },
    );
    expect(observation).toMatchObject({ verdict: 'up' });
    expect(observation.certificateDaysLeft).toBeGreaterThan(30_000);
  });

  it('sends nothing, above all no secret, before the certificate is trusted', async () => {
    let received = 0;
    const server = createSecureServer(credentials('other-name'), (_, response) => {
      received += 1;
      response.end();
    });
    const port = await listen(server);
    const read = async () => 'hunter2';
    const document = {
      kind: 'http',
      url: `https://127.0.0.1:${port}/`,
      headers: { authorization: '{{ssm:/lamplighter/probe/key}}' },
    };
    expect(await look(document, { secrets: { read } })).toMatchObject({
      verdict: 'down',
      cause: 'tls_failed',
      message: 'TLS failed: ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(received).toBe(0);
  });
});

describe('a service that echoes the secret it was sent', () => {
  const LONG = 'Kq7-'.repeat(29) + 'Z';
  const QUOTED = String.raw`a"b\c d/e`;
  const headers = { authorization: 'Bearer {{ssm:/lamplighter/probe/key}}' };
  const asking = async (secret: string, body: string, expectation: object) => {
    const port = await serve((_, response) => response.end(body));
    return await look(http(port, { headers, expect: expectation }), { secrets: { read: async () => secret } });
  };
  const up = { json: [{ path: '$.key', equals: 'UP' }] };

  it.each([
    ['long', LONG, LONG],
    ['long, behind other text', LONG, `you sent ${LONG} to us`],
    ['quoted', QUOTED, QUOTED],
    ['escaped as JSON once more', QUOTED, JSON.stringify(QUOTED)],
    ['escaped for a URL', QUOTED, `?key=${encodeURIComponent(QUOTED)}`],
    ['escaped as a form', QUOTED, new URLSearchParams({ QUOTED }).toString()],
    ['in another case', LONG, LONG.toUpperCase()],
    ['spelled in a mixed way', 'hunter2', '%68unt%65r2'],
    ['without its white space', ' hunter2 ', 'hunter2'],
  ])('(%s) is told of without a piece of it', async (_, secret, echo) => {
    const { verdict, cause, message } = await asking(secret, JSON.stringify({ key: echo }), up);
    expect({ verdict, cause }).toEqual({ verdict: 'down', cause: 'wrong_body' });
    expect(message).toMatch(/^\$\.key is ".*\*\*\*.*", expected "UP"$/);
    expect(message).not.toMatch(/kq7|a\\*"b|d\/e|d%2fe|hunt|68unt/i);
  });

  it.each([
    ['escaped as JSON', QUOTED, JSON.stringify(QUOTED)],
    ['escaped for a URL', QUOTED, encodeURIComponent(QUOTED)],
    ['in another case', LONG, LONG.toUpperCase()],
  ])('(%s) costs the message no more than the secret', async (_, secret, echo) => {
    const { message } = await asking(secret, JSON.stringify({ key: `<${echo}> is not known` }), up);
    expect(message).toMatch(/^\$\.key is "<(\*\*\*|\\"\*\*\*\\")> is not known", expected "UP"$/);
  });

  it('is told of without the rest of a secret that begins like another', async () => {
    const port = await serve((_, response) => response.end('{"key":"hunter2-and-more"}'));
    const two = { 'x-a': '{{ssm:/lamplighter/probe/a}}', 'x-b': '{{ssm:/lamplighter/probe/b}}' };
    const read = async (_: string, path: string) => (path.endsWith('a') ? 'hunter2' : 'hunter2-and-more');
    const { message } = await look(http(port, { headers: two, expect: up }), { secrets: { read } });
    expect(message).toBe('$.key is "***", expected "UP"');
  });

  it('is told of without the secret wherever else a message has it', async () => {
    const { message } = await asking('hunter2', '{}', { json: [{ path: "$['hunter2']", equals: 1 }] });
    expect(message).toBe("$['***'] is missing, expected 1");
  });

  it('as a number is told of without its digits', async () => {
    const secret = '12345678901234567890123';
    expect((await asking(secret, `{"key":${secret}}`, up)).message).toBe('$.key is ***, expected "UP"');
  });

  it('of fewer than four characters shows no value at all', async () => {
    expect((await asking('7f', '{"key":"the value"}', up)).message).toBe('$.key is "***", expected "***"');
    expect((await asking('7f', '{"key":12}', up)).message).toBe('$.key is ***, expected "***"');
  });

  it('is judged by what it answered, whatever is concealed', async () => {
    const body = JSON.stringify({ echo: LONG, key: 'UP' });
    expect(await asking(LONG, body, up)).toMatchObject({ verdict: 'up' });
    expect(await asking(LONG, body, { body: 'Kq7-Kq7-' })).toMatchObject({ verdict: 'up' });
    expect(await asking('UP', body, up)).toMatchObject({ verdict: 'up' });
    const missed = await asking(LONG, body, { body: 'healthy' });
    expect(missed).toMatchObject({ cause: 'wrong_body' });
    expect(missed.message).toBe('the body does not contain the expected text (7 characters)');
  });

  it.each(['Pa55Word/rest', 'Pa55Word', String.raw`Pa55Word\rest`])(
    'in the address it redirects to (%s) is not told of either',
    async (secret) => {
      const port = await serve((request, response) =>
        response
          .writeHead(302, { location: `http://${request.headers.authorization?.slice(7) ?? 'x'}:${port}/` })
          .end(),
      );
      const tell = async (resolve: () => Promise<string[]>) =>
        await look(http(port, { headers, maxRedirects: 1 }), { resolve, secrets: { read: async () => secret } });
      const refused = await tell(async () => ['10.0.0.1']);
      expect(refused.cause).toBe('address_refused');
      expect(refused.message).not.toMatch(/pa55/i);
    },
  );

  it('in a redirect that goes in circles is not told of either', async () => {
    const port = await serve((request, response) => {
      const location = request.url === '/rest' ? '/again' : `http://pa55word:${port}/rest`;
      response.writeHead(302, { location }).end();
    });
    const observation = await look(http(port, { headers, maxRedirects: 1 }), {
      resolve: async () => ['127.0.0.1'],
      secrets: { read: async () => `pa55word:${port}/rest` },
    });
    expect(observation.message).toBe('redirected more than 1 times, last to an address made of a secret');
  });

  it('in the query of a redirect is followed', async () => {
    const port = await serve((request, response) =>
      request.url?.includes('token') ? response.end() : response.writeHead(302, { location: `/?token=${LONG}` }).end(),
    );
    expect(await look(http(port, { headers }), { secrets: { read: async () => LONG } })).toMatchObject({
      verdict: 'up',
    });
  });
});

describe('hostile services', () => {
  it('do no harm to the others that are probed beside them', async () => {
    const good = await serve((_, response) => response.end('ok'));
    const { port: huge } = await flood(100);
    const mute = await serveRaw(() => undefined);
    const circle = await serve((_, response) => response.writeHead(302, { location: '/' }).end());
    const garbage = await serveRaw((socket) => socket.write('\0'.repeat(1000)));
    const json = { expect: { json: [{ path: '$', equals: 1 }] } };
    const hostile = [http(huge, json), http(mute), http(circle), http(garbage), http(huge, json), http(mute)];
    const probes = [
      ...hostile,
      ...Array.from({ length: 40 }, () => http(good, { expect: { body: 'ok', maxLatencyMs: 1_000 } })),
    ];
    const observations = await Promise.all(probes.map((probe) => look({ ...probe, timeoutSeconds: 1 })));
    expect(observations.slice(hostile.length).map(({ verdict }) => verdict)).toEqual(Array(40).fill('up'));
    expect(observations.slice(0, hostile.length).map(({ verdict }) => verdict)).toEqual(
      Array(hostile.length).fill('down'),
    );
  });

  it('leave no connection open behind them', async () => {
    const server = createTcpServer(() => undefined);
    const port = await listen(server);
    const closed = once(server, 'connection').then(async ([socket]: Socket[]) => await once(socket!.resume(), 'close'));
    await look(http(port, { timeoutSeconds: 0.2 }));
    await closed;
  });
});

describe('an abort by the caller', () => {
  it('ends the probe at once and counts for nothing', async () => {
    const mute = createTcpServer(() => undefined);
    const port = await listen(mute);
    const controller = new AbortController();
    void once(mute, 'connection').then(() => controller.abort());
    expect(await look(http(port, { timeoutSeconds: 30 }), {}, { signal: controller.signal })).toMatchObject({
      verdict: 'unknown',
      cause: 'own_trouble',
    });
  });

  it('that came before is heeded', async () => {
    expect(await look(http(1), {}, { signal: AbortSignal.abort() })).toMatchObject({
      message: 'the probe was cut off',
    });
  });
});

/** A server that would send `megabytes`, as fast as it is read, and counts what it got rid of. */
async function flood(megabytes: number, first: readonly string[] = []) {
  let bytes = 0;
  const piece = Buffer.alloc(64 * 1024, 'x');
  const port = await serve((_, response) => {
    for (const text of first) response.write(text);
    const more = () => {
      while (bytes < megabytes * 1024 * 1024) {
        bytes += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  return { port, sent: () => bytes };
}
