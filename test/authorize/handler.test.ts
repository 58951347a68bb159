// The function as it is deployed, with the real SDK client, behind a gateway that behaves as API Gateway does.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { routes } from '../../lambdas/contract/routes.ts';
import { httpEntry } from '../../lambdas/runtime/http-entry.ts';
import type { Api } from '../../local/http-gateway.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { openSsm, temporaryFolder } from '../local/ssm-host.ts';
import { basic, hashOf, secretOf } from '../make/people.ts';
import { contextFor } from '../runtime/invoke.ts';
import { type Authorizer, openGateway } from './people-gateway.ts';

const PASSWORD = 'correct: horse £ battery';
const SECRET = 'lamplighter/api/people';
const present = secretOf({ jane: hashOf(PASSWORD) });

/** What Lambda would give the function, with a Parameter Store that holds these secrets. */
async function environment(parameters: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  const ssm = await openSsm(folder.path, { parameters });
  onTestFinished(async () => {
    await ssm.close();
    folder[Symbol.dispose]();
  });
  return {
    AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${ssm.port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '1',
    LAMPLIGHTER_PEOPLE_SECRET: SECRET,
  };
}

/** A new container of the function. */
async function start(secret: string | undefined): Promise<Authorizer> {
  for (const [name, value] of Object.entries(await environment(secret === undefined ? {} : { [SECRET]: secret })))
    vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.resetModules();
  const { handler } = await import('../../lambdas/authorize/handler.ts');
  return (event) => handler(event, contextFor(8_000));
}

/** An api function that says whom it saw. */
const mirror: Api = async (event) =>
  await httpEntry(
    async ({ caller, routeKey }) => ({ status: 200, body: { caller, routeKey } }),
    () => fakeLog(),
    () => undefined,
  )(event, contextFor());

const ask = async (url: string, headers: Record<string, string>, path = '/fleet') => {
  const response = await fetch(`${url}${path}`, { headers });
  return [response.status, await response.json()];
};

describe('the API for people', () => {
  it('lets somebody in by name and password, and tells the function behind who it is', async () => {
    const url = await openGateway(await start(present), mirror);
    expect(await ask(url, { authorization: basic('jane', PASSWORD) })).toEqual([
      ...[200, { caller: 'people/jane', routeKey: 'GET /fleet' }],
    ]);
  });

  it.each([
    ['without a header', {}, 401],
    ['with a wrong password', { authorization: basic('jane', 'wrong') }, 403],
    ['with a name that is not there', { authorization: basic('john', PASSWORD) }, 403],
    ['with a token', { authorization: `Bearer ${PASSWORD.replace('£', 'x')}` }, 403],
    ['with the password in another header', { 'x-authorization': basic('jane', PASSWORD) }, 401],
  ])('lets nobody in %s', async (_what, headers, status) => {
    const url = await openGateway(await start(present), () => Promise.reject(new Error('the function was reached')));
    expect((await ask(url, headers as Record<string, string>))[0]).toBe(status);
  });

  it('asks on every route', async () => {
    const authorizer = await start(present);
    const url = await openGateway(authorizer, () => Promise.reject(new Error('the function was reached')));
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const response = await fetch(`${url}${path.replace('{id}', 'a')}`, { method });
      expect([route, response.status]).toEqual([route, 401]);
    }
  });

  it.each([
    ['is not there', undefined],
    ['is no JSON', 'hunter2'],
    ['holds a password instead of a hash', secretOf({ jane: PASSWORD })],
  ])('lets nobody in while the secret %s, and fails so that the alarm rings', async (_what, secret) => {
    const authorizer = await start(secret);
    const url = await openGateway(authorizer, () => Promise.reject(new Error('the function was reached')));
    expect((await ask(url, { authorization: basic('jane', PASSWORD) }))[0]).toBe(500);
    const event = { identitySource: [basic('jane', PASSWORD)], requestContext: { requestId: 'r' } };
    await expect(authorizer(event)).rejects.toThrow(/lamplighter\/api\/people (is wrong: |could not be read: )/);
  });
});

describe('the function', () => {
  it.each([
    ['no identity source', { requestContext: { requestId: 'r' } }],
    ['null for it, as imitations write', { identitySource: null, requestContext: { requestId: 'r' } }],
    ['an empty one', { identitySource: [], requestContext: { requestId: 'r' } }],
    [
      'the header, but not as the identity source',
      { headers: { authorization: basic('jane', PASSWORD) }, identitySource: [], requestContext: { requestId: 'r' } },
    ],
  ])('says no to an event with %s', async (_what, event) => {
    expect(await (await start(present))(event)).toEqual({ isAuthorized: false });
  });

  it('fails on what is no event of API Gateway', async () => {
    const authorizer = await start(present);
    await expect(authorizer({ identitySource: 'Basic x' })).rejects.toThrow();
  });

  it('prints no header, no password and no hash, however it ends', async () => {
    const handler = new URL('../../lambdas/authorize/handler.ts', import.meta.url).href;
    const headers = [basic('jane', PASSWORD), basic('jane', 'hunter2'), basic('hunter2', 'x'), 'Basic hunter2', 'x'];
    const wrong = secretOf({ jane: hashOf(PASSWORD), hunter2: 'hunter2' });
    // As Lambda's own runtime does: a rejection is printed with its stack. Each secret has a container of its own.
    const program = `
      const context = { awsRequestId: 'r', functionName: 'authorize', getRemainingTimeInMillis: () => 8000 };
      for (const name of ['good', 'wrong', 'broken', 'missing']) {
        process.env.LAMPLIGHTER_PEOPLE_SECRET = name;
        const { handler } = await import('${handler}?' + name);
        for (const header of ${JSON.stringify(headers)})
          await handler(
            { identitySource: [header], headers: { authorization: header }, requestContext: { requestId: 'r' } },
            context,
          ).then(({ isAuthorized }) => console.log('answer', isAuthorized), console.error);
      }`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      env: { PATH: process.env['PATH'], ...(await environment({ good: present, wrong, broken: '{"hunter2"' })) },
    });
    const printed = stdout + stderr;
    expect(printed.match(/answer true/g)).toHaveLength(1);
    expect(printed.match(/answer false/g)).toHaveLength(4);
    expect(printed.match(/somebody was refused/g)).toHaveLength(4);
    expect(printed.match(/PeopleError: |SecretSourceError: /g)?.length).toBeGreaterThanOrEqual(15);
    const [, , , salt, key] = hashOf(PASSWORD).split('$');
    const kept = [PASSWORD, 'hunter2', 'correct', salt, key, ...headers.slice(0, 4).map((header) => header.slice(6))];
    for (const secret of kept) expect(printed.includes(String(secret)), secret).toBe(false);
  });
});
