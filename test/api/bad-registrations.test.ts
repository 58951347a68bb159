// One wrong registration for every rule that people trip over: the answer names the field and says how to mend it.
import { expect, it } from 'vitest';

import { ecsStep, makeDocument, ssmStep } from '../make/service.ts';
import { ask, signal, stores } from './api-bench.ts';

const url = 'https://billing.example.com/health';
const http = (more: object) => ({ probe: { kind: 'http', url, ...more } });
const policy = (more: object) => ({ policy: more });
const restart = (more: object) => ({ restart: { steps: [ecsStep], ...more } });
const steps = (...all: object[]) => ({ restart: { steps: all } });

const cases: readonly (readonly [change: object, path: string, message: string])[] = [
  // what it is called
  [{ id: 'Billing API' }, 'id', 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
  [{ id: undefined }, 'id', 'is missing; give text'],
  [{ id: 7 }, 'id', 'must be text, not a number; put it in quotes'],
  [{ tenant: 'a/b' }, 'tenant', 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
  [{ name: ' ' }, 'name', 'must not be empty'],
  [{ project: 'x'.repeat(101) }, 'project', 'must be at most 100 characters long'],
  [{ version: 1.4 }, 'version', 'must be text, not a fraction; put it in quotes'],
  [{ tags: ['payments'] }, 'tags', 'must be an object, not a list'],
  [{ tags: { team: 7 } }, 'tags.team', 'must be text, not a number; put it in quotes'],
  [{ dependsOn: ['db'] }, 'dependsOn[0]', 'must be an object such as { "service": "ledger-db" }'],
  [{ tresholds: 3 }, 'tresholds', 'is not a known field; remove it or correct its name'],
  [{ monitoring: { logLevel: 'loud' } }, 'monitoring.logLevel', 'must be one of debug, info, warn, error'],
  // the probe
  [{ probe: undefined }, 'probe', 'is missing; give an object'],
  [{ probe: { kind: 'ping', host: 'a.example.com' } }, 'probe.kind', 'must be one of http, tcp, tls, heartbeat, ecs'],
  [{ probe: { url } }, 'probe.kind', 'is missing; give one of http, tcp, tls, heartbeat, ecs'],
  [{ probe: { kind: 'http' } }, 'probe.url', 'is missing; give url, or host and port'],
  [
    { probe: { kind: 'http', url, host: 'a.example.com' } },
    'probe.host',
    'is part of url already; give one or the other',
  ],
  [http({ url: 'billing.example.com' }), 'probe.url', 'must be a whole URL such as https://example.com/health'],
  [http({ url: 'ftp://billing.example.com' }), 'probe.url', 'must begin with http:// or https://'],
  [
    http({ url: 'https://ada:secret@billing.example.com' }),
    'probe.url',
    'must hold no user or password: use a header with {{ssm:/lamplighter/probe/NAME}}',
  ],
  [
    http({ url: 'https://billing.example.com/#top' }),
    'probe.url',
    'must hold no fragment (#…); it would never be sent',
  ],
  [http({ method: 'POST' }), 'probe.method', 'must be one of GET, HEAD, OPTIONS'],
  [http({ headers: { Host: 'x' } }), 'probe.headers.Host', 'is set by the prober itself; leave it out'],
  [
    http({ headers: { Authorization: 'Basic YWRhOng=' } }),
    'probe.headers.Authorization',
    'holds a credential: store it in Parameter Store and write {{ssm:/lamplighter/probe/NAME}} here',
  ],
  [http({ headers: { 'x-a': 'b\r\nx-c: d' } }), 'probe.headers.x-a', 'must be one line of printable ASCII'],
  [
    http({ headers: { 'x-a': '{{ssm:/prod/password}}' } }),
    'probe.headers.x-a',
    'has a reference that is not {{ssm:/lamplighter/probe/NAME}} or {{secret:/lamplighter/probe/NAME}}',
  ],
  [http({ expect: { status: [] } }), 'probe.expect.status', 'must hold at least 1 item'],
  [http({ expect: { status: ['200'] } }), 'probe.expect.status[0]', 'must be a number, not text'],
  [
    http({ expect: { json: [{ path: 'status', equals: 'UP' }] } }),
    'probe.expect.json[0].path',
    "must be a path such as $.status, $.items[0].ok or $['odd name']",
  ],
  [
    http({ expect: { json: [{ path: '$.status', equals: {} }] } }),
    'probe.expect.json[0].equals',
    'must be text, a number, true, false or null, not an object',
  ],
  [
    http({ intervalSeconds: 5 }),
    'probe.intervalSeconds',
    'must be at least 10, the shortest interval of this deployment',
  ],
  [http({ intervalSeconds: 3_601 }), 'probe.intervalSeconds', 'must be at most 3600'],
  [
    http({ intervalSeconds: 10, timeoutSeconds: 8 }),
    'probe.timeoutSeconds',
    '8 s with 1 retry may take 16 s, longer than the interval of 10 s; shorten it, or lengthen the interval',
  ],
  [http({ retries: -1 }), 'probe.retries', 'must be at least 0'],
  [
    { probe: { kind: 'tcp', host: 'https://db.example.com', port: 5432 } },
    'probe.host',
    'must be a host name or an address such as example.com or 2001:db8::1, without scheme, port or path',
  ],
  [{ probe: { kind: 'tcp', host: 'db.example.com', port: 65_536 } }, 'probe.port', 'must be at most 65535'],
  [{ probe: { kind: 'tcp', host: 'db.example.com' } }, 'probe.port', 'is missing; give a number'],
  [{ readiness: { kind: 'heartbeat' } }, 'readiness.kind', 'must be one of http, tcp, tls'],
  [
    { readiness: { kind: 'http', url, intervalSeconds: 30 } },
    'readiness.intervalSeconds',
    'readiness is looked at together with the probe; leave it out and set probe.intervalSeconds',
  ],
  // the rules
  [policy({ profile: 'relaxed' }), 'policy.profile', 'must be one of standard, critical, non-critical, observe-only'],
  [policy({ failureThreshold: 0 }), 'policy.failureThreshold', 'must be at least 1'],
  [policy({ failureThreshold: 2.5 }), 'policy.failureThreshold', 'must be a whole number, not a fraction'],
  [
    policy({ window: { failures: 6, of: 5 } }),
    'policy.window.failures',
    'must not be above policy.window.of, which is 5',
  ],
  [
    policy({ window: { failures: 2, of: 9 } }),
    'policy.window.failures',
    'must be at least policy.failureThreshold (3): fewer would fire before it',
  ],
  // the restart
  [
    { restart: { mode: 'on' } },
    'restart.steps',
    'restart.mode is "on", but there is no step; add one, or set the mode to "off"',
  ],
  [
    { ...policy({ profile: 'observe-only' }), ...restart({ mode: 'on' }) },
    'restart.mode',
    'the profile observe-only never restarts; choose another profile, or leave the mode out',
  ],
  [restart({ mode: true }), 'restart.mode', 'must be one of off, observe, on'],
  [restart({ maxRestarts: 0 }), 'restart.maxRestarts', 'must be at least 1'],
  [
    restart({ backoffSeconds: 400 }),
    'restart.backoffSeconds',
    'must not be above restart.maxBackoffSeconds, which is 300',
  ],
  [steps({ kind: 'shell', command: 'reboot' }), 'restart.steps[0].kind', 'must be one of ecs, ssm'],
  [
    steps({ ...ecsStep, cluster: 'prod cluster' }),
    'restart.steps[0].cluster',
    'must be an ECS name: letters, digits, - and _',
  ],
  [
    steps({ ...ssmStep, document: 'AWS-RunShellScript' }),
    'restart.steps[0].document',
    'AWS-RunShellScript is not an allowed document; allowed are Lamplighter-RestartLinux',
  ],
  [
    steps({ ...ssmStep, instanceIds: ['web-1'] }),
    'restart.steps[0].instanceIds[0]',
    'must be an instance id such as i-0abc',
  ],
  [steps({ ...ssmStep, instanceIds: [] }), 'restart.steps[0].instanceIds', 'must hold at least 1 item'],
  [
    steps({ ...ssmStep, parameters: { unitt: 'billing', unit: 'billing' } }),
    'restart.steps[0].parameters.unitt',
    'is not a parameter of Lamplighter-RestartLinux; it takes unit, container, startScript, restartScript, user, port, startTimeoutSeconds, stopTimeoutSeconds, mode',
  ],
  [
    steps({ ...ssmStep, parameters: { 'unit;': 'x' } }),
    'restart.steps[0].parameters["unit;"]',
    'is no good name here: it must be letters and digits, beginning with a letter',
  ],
  // who is told
  [{ alerts: { minLevel: 'loud' } }, 'alerts.minLevel', 'must be one of info, warning, error, critical'],
  [{ alerts: { enabled: 'yes' } }, 'alerts.enabled', 'must be true or false, not text'],
];

it.each(cases.map(([change, path, message]) => ({ change, path, message })))(
  '$path $message',
  async ({ change, path, message }) => {
    const answer = await ask('POST /services', { body: { ...makeDocument(), ...change } });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
    expect(answer.body.error.details).toEqual([{ path, message }]);
    expect(await stores.fleet.counts(signal)).toEqual([]);
  },
);

it.each(['__proto__', 'constructor', 'prototype'])('%s is refused as a name wherever it stands', async (name) => {
  const refusedAt = async (text: string) => {
    const answer = await ask('POST /services', { text });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
    return answer.body.error.details.map(({ path }: { path: string }) => path);
  };
  const bad = `{"${name}":{"a":1}}`;
  const probe = `"probe":{"kind":"http","url":"${url}"`;
  expect(await refusedAt(`{"id":"a",${probe}},"tags":${bad}}`)).toEqual([`tags.${name}`]);
  expect(await refusedAt(`{"id":"a",${probe},"headers":${bad}}}`)).toEqual([`probe.headers.${name}`]);
  expect(await refusedAt(`{"id":"a",${probe}},"${name}":{}}`)).toEqual([name]);
  const put = await ask('PUT /services/{id}', { id: 'a', text: `{${probe}},"${name}":{}}` });
  expect(put).toMatchObject({ status: 400, body: { error: { details: [{ path: name }] } } });
  const restarting = await ask('POST /services/{id}/restart', {
    id: 'a',
    text: `{"user":"a","reason":"b","${name}":1}`,
  });
  expect(restarting).toMatchObject({ status: 400, body: { error: { details: [{ path: name }] } } });
  expect(await stores.fleet.counts(signal)).toEqual([]);
});

it('refuses a document that is too large, and does not go through it', async () => {
  const answer = await ask('POST /services', { body: { ...makeDocument(), x: 'x'.repeat(32_000), y: 1 } });
  expect(answer.status).toBe(400);
  expect(answer.body.error.details).toEqual([
    { path: '(document)', message: expect.stringContaining('must be at most 32000 bytes') },
  ]);
});

it('names every fault of a document at once', async () => {
  const answer = await ask('POST /services', {
    body: { id: 'A', probe: { kind: 'tcp', host: 'db.example.com', port: 0 }, alerts: { level: 'info' } },
  });
  expect(answer.body.error.message).toBe('3 fields are wrong; see details');
  expect(answer.body.error.details.map(({ path }: { path: string }) => path)).toEqual([
    'id',
    'probe.port',
    'alerts.level',
  ]);
});
