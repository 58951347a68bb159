// What is refused at registration, each fault with its path and how to mend it; and what good documents come to.
import { describe, expect, it } from 'vitest';

import { toService } from '../../../lambdas/core/model/service.ts';
import { checkRegistration, type Limits } from '../../../lambdas/core/registration/check-registration.ts';
import { ecsStep, makeDocument, ssmStep } from '../../make/service.ts';

const limits: Limits = {
  minIntervalSeconds: 10,
  allowedRanges: ['10.1.0.0/16'],
  documents: ['Lamplighter-RestartLinux', 'Lamplighter-RestartWindows', 'My-Document'],
  networks: ['public'],
};
const refusedWith = (input: unknown, given = limits) => {
  const checked = checkRegistration(input, given);
  return checked.kind === 'faulty' ? checked.faults.map(({ path, message }) => `${path} ${message}`) : [];
};
const settled = (input: unknown, given = limits) => {
  const checked = checkRegistration(input, given);
  if (checked.kind === 'faulty') throw new Error(JSON.stringify(checked.faults));
  return toService(checked.value);
};
const service = (change: object) => ({ ...makeDocument(), ...change });
const probe = (change: object) => service({ probe: { kind: 'http', url: 'https://example.com/health', ...change } });
const named = (name: string): object => JSON.parse(`{"${name}":"x"}`) as object;
const namesTo = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 'x']));
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const linux = (parameters: object) => ({ ...ssmStep, parameters });
const step = (change: object) => service({ restart: { steps: [change] } });
const notPublic = "use a public one, or allow its range in the deployment's settings";
const idRule = 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -';
const hostRule = 'must be a host name or an address such as example.com or 2001:db8::1, without scheme, port or path';

describe('a faulty document', () => {
  it.each<[input: unknown, ...expected: string[]]>([
    [undefined, '(document) is missing; give an object'],
    [null, '(document) must be an object, not null'],
    [[], '(document) must be an object, not a list'],
    ['id: x', '(document) must be an object, not text'],
    [service({ extra: 1 }), 'extra is not a known field; remove it or correct its name'],
    [service({ id: undefined }), 'id is missing; give text'],
    [service({ id: 5 }), 'id must be text, not a number; put it in quotes'],
    [service({ id: 'Billing' }), `id ${idRule}`],
    [service({ id: '-a' }), `id ${idRule}`],
    [service({ id: 'a'.repeat(64) }), `id ${idRule}`],
    [service({ tenant: 'A B' }), `tenant ${idRule}`],
    [service({ name: '  ' }), 'name must not be empty'],
    [service({ name: 'x'.repeat(101) }), 'name must be at most 100 characters long'],
    [service({ version: 1.4 }), 'version must be text, not a fraction; put it in quotes'],
    [service({ version: true }), 'version must be text, not true; put it in quotes'],
    [service({ tags: ['a'] }), 'tags must be an object, not a list'],
    [service({ dependsOn: ['db'] }), 'dependsOn[0] must be an object such as { "service": "ledger-db" }'],
    [service({ tags: { team: 5 } }), 'tags.team must be text, not a number; put it in quotes'],
    [service({ tags: { '': 'x' } }), 'tags[""] is no good name here: it must not be empty'],
    [
      service({ tags: { ['x'.repeat(129)]: 'x' } }),
      `tags.${'x'.repeat(129)} is no good name here: it must be at most 128 characters long`,
    ],
    ...['wiki/billing', 'ftp://wiki.example.com/billing', 'javascript:alert(1)'].map((runbook): [unknown, string] => [
      service({ alerts: { runbook } }),
      'alerts.runbook must be an http or https URL',
    ]),
    ...['https://jane:pw@wiki.example.com', 'https://:pw@wiki.example.com', 'https://wiki.example.com/?token=abc'].map(
      (runbook): [unknown, string] => [
        service({ alerts: { runbook } }),
        'alerts.runbook must not hold a secret: it is sent with every alert',
      ],
    ),
    [
      service({ alerts: { runbook: `https://x.example/${'x'.repeat(500)}` } }),
      'alerts.runbook must be at most 500 characters long',
    ],
    [service({ tags: namesTo(51) }), 'tags must hold at most 50 tags, and holds 51'],
    ...['__proto__', 'constructor', 'prototype'].flatMap((name): [unknown, string][] => [
      [service({ tags: named(name) }), `tags.${name} is not allowed as a name; choose another`],
      [probe({ headers: named(name) }), `probe.headers.${name} is not allowed as a name; choose another`],
      [
        step({ ...linux({ unit: 'a' }), parameters: { unit: 'a', ...named(name) } }),
        `restart.steps[0].parameters.${name} is not allowed as a name; choose another`,
      ],
      [{ ...makeDocument(), ...named(name) }, `${name} is not allowed as a name; choose another`],
      [
        probe({ expect: { json: [{ path: '$.a', equals: 1, ...named(name) }] } }),
        `probe.expect.json[0].${name} is not allowed as a name; choose another`,
      ],
    ]),
    [
      service({ extra: 'x'.repeat(32_000) }),
      expect.stringMatching(/^\(document\) must be at most 32000 bytes as JSON, and has 321\d\d$/),
    ],
    [service({ extra: deep(20) }), '(document) must not be nested deeper than 20 levels'],
    [service({ extra: deep(9_000) }), '(document) must not be nested deeper than 20 levels'],
    [service({ extra: deep(19) }), 'extra is not a known field; remove it or correct its name'],
    [service({ apiEndpoints: 'x' }), 'apiEndpoints must be a list, not text'],
    [service({ monitoring: { logLevel: 'loud' } }), 'monitoring.logLevel must be one of debug, info, warn, error'],
    [service({ probe: undefined }), 'probe is missing; give an object'],
    [service({ probe: 5 }), 'probe must be an object, not a number'],
    [service({ probe: {} }), 'probe.kind is missing; give one of http, tcp, tls, heartbeat, ecs'],
    [service({ probe: { kind: 'ftp' } }), 'probe.kind must be one of http, tcp, tls, heartbeat, ecs'],
    [service({ probe: { kind: 'http' } }), 'probe.url is missing; give url, or host and port'],
    [probe({ url: 'example' }), 'probe.url must be a whole URL such as https://example.com/health'],
    [probe({ url: 'ftp://example.com/' }), 'probe.url must begin with http:// or https://'],
    [
      probe({ url: 'https://user@example.com/' }),
      'probe.url must hold no user or password: use a header with {{ssm:/lamplighter/probe/NAME}}',
    ],
    [
      probe({ url: 'https://:pass@example.com/' }),
      'probe.url must hold no user or password: use a header with {{ssm:/lamplighter/probe/NAME}}',
    ],
    [probe({ url: 'https://example.com/#top' }), 'probe.url must hold no fragment (#…); it would never be sent'],
    [probe({ url: `https://e.com/${'x'.repeat(2_000)}` }), 'probe.url must be at most 2000 characters long'],
    [probe({ host: 'a' }), 'probe.host is part of url already; give one or the other'],
    [probe({ port: 80 }), 'probe.port is part of url already; give one or the other'],
    [probe({ path: '/' }), 'probe.path is part of url already; give one or the other'],
    [probe({ url: undefined, host: '' }), `probe.host ${hostRule}`],
    [probe({ url: undefined, host: 'http://a' }), `probe.host ${hostRule}`],
    [probe({ url: undefined, host: 'example.com:8080' }), `probe.host ${hostRule}`],
    [probe({ url: undefined, host: '256.1.1.1' }), `probe.host ${hostRule}`],
    [service({ probe: { kind: 'tcp', host: 'a::b:zz', port: 1 } }), `probe.host ${hostRule}`],
    [probe({ url: undefined, host: 'a', port: 70_000 }), 'probe.port must be at most 65535'],
    [probe({ url: undefined, host: 'a', port: 0 }), 'probe.port must be at least 1'],
    [probe({ url: undefined, host: 'a', port: 0.5 }), 'probe.port must be a whole number, not a fraction'],
    [probe({ url: undefined, host: 'a', port: '80' }), 'probe.port must be a number, not text'],
    [probe({ url: undefined, host: 'a', path: 'health' }), 'probe.path must begin with / and hold no white space'],
    [service({ probe: { kind: 'tcp', host: 'a' } }), 'probe.port is missing; give a number'],
    [probe({ method: 'POST' }), 'probe.method must be one of GET, HEAD, OPTIONS'],
    [probe({ headers: [] }), 'probe.headers must be an object, not a list'],
    [probe({ headers: { Host: 'x' } }), 'probe.headers.Host is set by the prober itself; leave it out'],
    [
      probe({ headers: { 'User-Agent': 'curl' } }),
      'probe.headers.User-Agent is set by the prober itself; leave it out',
    ],
    [
      probe({ headers: { Authorization: 'Bearer x' } }),
      'probe.headers.Authorization holds a credential: store it in Parameter Store and write {{ssm:/lamplighter/probe/NAME}} here',
    ],
    ...[
      'Cookie',
      'X-Client-Secret',
      'x-csrf-token',
      'X-Password',
      'passwd',
      'Api-Key',
      'x-apikey',
      'x_api_key',
      'Proxy_Auth',
    ].map((name): [unknown, string] => [
      probe({ headers: { [name]: 'x' } }),
      `probe.headers.${name} holds a credential: store it in Parameter Store and write {{ssm:/lamplighter/probe/NAME}} here`,
    ]),
    [
      service({ readiness: { kind: 'http', url: 'https://a.example', headers: { 'x-token': 'x' } } }),
      'readiness.headers.x-token holds a credential: store it in Parameter Store and write {{ssm:/lamplighter/probe/NAME}} here',
    ],
    [
      probe({ headers: { Authorization: '{{ssm:/other}}' } }),
      'probe.headers.Authorization has a reference that is not {{ssm:/lamplighter/probe/NAME}} or {{secret:/lamplighter/probe/NAME}}',
    ],
    [
      probe({ url: 'https://example.com/health?deep=1&access_token=x' }),
      'probe.url holds a credential in the query parameter access_token: put the value in a header with {{ssm:/lamplighter/probe/NAME}}',
    ],
    [
      probe({ url: undefined, host: 'example.com', path: '/health?api_key=x' }),
      'probe.path holds a credential in the query parameter api_key: put the value in a header with {{ssm:/lamplighter/probe/NAME}}',
    ],
    [probe({ headers: { 'a b': 'x' } }), 'probe.headers["a b"] is no good name here: it must be an HTTP header name'],
    [probe({ headers: { a: 'x\ny' } }), 'probe.headers.a must be one line of printable ASCII'],
    [
      probe({ headers: { a: '{{ssm:/other}}' } }),
      'probe.headers.a has a reference that is not {{ssm:/lamplighter/probe/NAME}} or {{secret:/lamplighter/probe/NAME}}',
    ],
    [
      probe({ headers: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`h${index}`, 'x'])) }),
      'probe.headers must hold at most 20 headers',
    ],
    [probe({ expect: { status: 200 } }), 'probe.expect.status must be a list, not a number'],
    [probe({ expect: { status: [] } }), 'probe.expect.status must hold at least 1 item'],
    [probe({ expect: { status: [200, 99] } }), 'probe.expect.status[1] must be at least 100'],
    [probe({ expect: { body: '' } }), 'probe.expect.body must not be empty'],
    [
      probe({ expect: { json: [{ path: 'status', equals: 'UP' }] } }),
      "probe.expect.json[0].path must be a path such as $.status, $.items[0].ok or $['odd name']",
    ],
    [
      probe({ expect: { json: ['$.status'] } }),
      'probe.expect.json[0] must be an object such as { "path": "$.status", "equals": "UP" }',
    ],
    [
      probe({ expect: { json: [{ path: '$.a', equals: {} }] } }),
      'probe.expect.json[0].equals must be text, a number, true, false or null, not an object',
    ],
    [
      probe({ expect: { json: [{ path: '$.a' }] } }),
      'probe.expect.json[0].equals is missing; give text, a number, true, false or null',
    ],
    [probe({ expect: { actuator: 'yes' } }), 'probe.expect.actuator must be true or an object, not text'],
    [probe({ expect: { actuator: false } }), 'probe.expect.actuator must be true or an object, not false'],
    [
      probe({ expect: { actuator: { components: 'db' } } }),
      'probe.expect.actuator.components must be a list, not text',
    ],
    [
      probe({ expect: { actuator: { component: ['db'] } } }),
      'probe.expect.actuator.component is not a known field; remove it or correct its name',
    ],
    [
      probe({ expect: { maxLatency: 1 } }),
      'probe.expect.maxLatency is not a known field; remove it or correct its name',
    ],
    [probe({ expect: { maxLatencyMs: 0 } }), 'probe.expect.maxLatencyMs must be at least 1'],
    [
      probe({ intervalSeconds: 9, timeoutSeconds: 1 }),
      'probe.intervalSeconds must be at least 10, the shortest interval of this deployment',
    ],
    [probe({ intervalSeconds: 3_601 }), 'probe.intervalSeconds must be at most 3600'],
    [probe({ timeoutSeconds: 0 }), 'probe.timeoutSeconds must be at least 0.1'],
    [probe({ timeoutSeconds: Infinity }), 'probe.timeoutSeconds must be a number, not Infinity'],
    [
      probe({ intervalSeconds: 10, timeoutSeconds: 6 }),
      'probe.timeoutSeconds 6 s with 1 retry may take 12 s, longer than the interval of 10 s; shorten it, or lengthen the interval',
    ],
    [
      probe({ intervalSeconds: 10, timeoutSeconds: 4, retries: 2 }),
      'probe.timeoutSeconds 4 s with 2 retries may take 12 s, longer than the interval of 10 s; shorten it, or lengthen the interval',
    ],
    [
      probe({ intervalSeconds: 40, timeoutSeconds: 20.5 }),
      'probe.timeoutSeconds 20.5 s with 1 retry may take 41 s, longer than the interval of 40 s; shorten it, or lengthen the interval',
    ],
    [
      probe({ intervalSeconds: 300, timeoutSeconds: 20.001 }),
      'probe.timeoutSeconds 20.001 s with 1 retry may take 40.002 s, longer than the 40 s that a look may take; shorten it or retry less',
    ],
    [
      service({
        probe: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 10 },
        readiness: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 11 },
      }),
      'readiness.timeoutSeconds 11 s with 1 retry may take 22 s, together with the 20 s of the probe 42 s: longer than the 40 s that a look may take; shorten it or retry less',
    ],
    [
      service({
        probe: { kind: 'tcp', host: 'a', port: 1, intervalSeconds: 10, timeoutSeconds: 4 },
        readiness: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 3, retries: 0 },
      }),
      'readiness.timeoutSeconds 3 s with 0 retries may take 3 s, together with the 8 s of the probe 11 s: longer than the interval of 10 s; shorten it, or lengthen the interval',
    ],
    [
      service({
        probe: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 21 },
        readiness: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 5 },
      }),
      'probe.timeoutSeconds 21 s with 1 retry may take 42 s, longer than the 40 s that a look may take; shorten it or retry less',
    ],
    [probe({ retries: 4 }), 'probe.retries must be at most 3'],
    [probe({ verifyCertificate: 'yes' }), 'probe.verifyCertificate must be true or false, not text'],
    [
      probe({ url: 'http://127.1/' }),
      `probe.url 127.0.0.1 is an address that must not be probed (loopback); ${notPublic}`,
    ],
    [
      probe({ url: undefined, host: '::1' }),
      `probe.host [::1] is an address that must not be probed (loopback); ${notPublic}`,
    ],
    [
      service({ probe: { kind: 'tcp', host: '10.0.0.1', port: 5432 } }),
      `probe.host 10.0.0.1 is an address that must not be probed (private); ${notPublic}`,
    ],
    [service({ probe: { kind: 'heartbeat', graceSeconds: -1 } }), 'probe.graceSeconds must be at least 0'],
    [service({ readiness: { kind: 'heartbeat' } }), 'readiness.kind must be one of http, tcp, tls'],
    [
      service({ readiness: { kind: 'tcp', host: 'a', port: 1, intervalSeconds: 300 } }),
      'readiness.intervalSeconds readiness is looked at together with the probe; leave it out and set probe.intervalSeconds',
    ],
    [
      service({ readiness: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 30, retries: 2 } }),
      'readiness.timeoutSeconds 30 s with 2 retries may take 90 s, longer than the 40 s that a look may take; shorten it or retry less',
    ],
    [
      service({ readiness: { kind: 'http', url: 'http://192.168.0.1/' } }),
      `readiness.url 192.168.0.1 is an address that must not be probed (private); ${notPublic}`,
    ],
    [
      service({ policy: { profile: 'gold' } }),
      'policy.profile must be one of standard, critical, non-critical, observe-only',
    ],
    [service({ policy: { failureThreshold: 0 } }), 'policy.failureThreshold must be at least 1'],
    [
      service({ policy: { failureTreshold: 3 } }),
      'policy.failureTreshold is not a known field; remove it or correct its name',
    ],
    [service({ policy: { window: { failures: 3 } } }), 'policy.window.of is missing; give a number'],
    [
      service({ policy: { window: { failures: 5, of: 4 } } }),
      'policy.window.failures must not be above policy.window.of, which is 4',
    ],
    [
      service({ policy: { window: { failures: 2, of: 5 } } }),
      'policy.window.failures must be at least policy.failureThreshold (3): fewer would fire before it',
    ],
    [service({ restart: null }), 'restart must be an object, not null'],
    [service({ restart: { mode: true } }), 'restart.mode must be one of off, observe, on'],
    [
      service({ restart: { mode: 'on' } }),
      'restart.steps restart.mode is "on", but there is no step; add one, or set the mode to "off"',
    ],
    [
      service({ policy: { profile: 'observe-only' }, restart: { mode: 'on', steps: [ecsStep] } }),
      'restart.mode the profile observe-only never restarts; choose another profile, or leave the mode out',
    ],
    [service({ restart: { maxRestarts: 0 } }), 'restart.maxRestarts must be at least 1'],
    [service({ restart: { windowSeconds: 59 } }), 'restart.windowSeconds must be at least 60'],
    [
      service({ restart: { backoffSeconds: 301 } }),
      'restart.backoffSeconds must not be above restart.maxBackoffSeconds, which is 300',
    ],
    [
      service({ restart: { steps: Array.from({ length: 6 }, () => ecsStep) } }),
      'restart.steps must hold at most 5 items',
    ],
    [step({}), 'restart.steps[0].kind is missing; give one of ecs, ssm'],
    [step({ kind: 'shell' }), 'restart.steps[0].kind must be one of ecs, ssm'],
    [step({ ...ecsStep, action: 'scale' }), 'restart.steps[0].action must be one of redeploy, stop-tasks, rollback'],
    [step({ ...ecsStep, cluster: undefined }), 'restart.steps[0].cluster is missing; give text'],
    [step({ ...ecsStep, cluster: 'a b' }), 'restart.steps[0].cluster must be an ECS name: letters, digits, - and _'],
    [step({ ...ssmStep, document: 'rm -rf' }), 'restart.steps[0].document must be the name of an SSM document'],
    [
      step({ ...ssmStep, document: 'AWS-RunShellScript' }),
      'restart.steps[0].document AWS-RunShellScript is not an allowed document; allowed are Lamplighter-RestartLinux, Lamplighter-RestartWindows, My-Document',
    ],
    [step({ ...ssmStep, instanceIds: [] }), 'restart.steps[0].instanceIds must hold at least 1 item'],
    [
      step({ ...ssmStep, instanceIds: ['i-0abc', 'i-0def', 'i-0abc'] }),
      'restart.steps[0].instanceIds[2] names i-0abc once more, which SSM refuses; name each host once',
    ],
    [
      service({ restart: { steps: [ssmStep], before: { ...ssmStep, instanceIds: ['i-0abc', 'i-0abc'] } } }),
      'restart.before.instanceIds[1] names i-0abc once more, which SSM refuses; name each host once',
    ],
    [
      step({ ...ssmStep, instanceIds: ['web-1'] }),
      'restart.steps[0].instanceIds[0] must be an instance id such as i-0abc',
    ],
    [
      step({ ...ssmStep, parameters: { 'a b': 'x' } }),
      'restart.steps[0].parameters["a b"] is no good name here: it must be letters and digits, beginning with a letter',
    ],
    [
      step(linux({ unitt: 'a', unit: 'a' })),
      'restart.steps[0].parameters.unitt is not a parameter of Lamplighter-RestartLinux; it takes unit, container, startScript, restartScript, user, port, startTimeoutSeconds, stopTimeoutSeconds, mode',
    ],
    [
      step(linux({ unit: 'a; reboot' })),
      'restart.steps[0].parameters.unit is not what Lamplighter-RestartLinux takes (systemd service unit, with or without .service): it must match ^(|[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,253})$',
    ],
    [
      step(linux({ unit: 'a', executionTimeout: '60' })),
      'restart.steps[0].parameters.executionTimeout is set by Lamplighter; set timeoutSeconds of the step instead',
    ],
    [
      step(linux({ unit: '' })),
      'restart.steps[0].parameters must name one way to restart, unit or container or startScript with port or restartScript',
    ],
    [
      step(linux({ unit: 'a', container: 'b' })),
      'restart.steps[0].parameters must name one way to restart, unit or container or startScript with port or restartScript, not unit and container together',
    ],
    [
      step(linux({ unit: 'a', restartScript: '/opt/a.sh' })),
      'restart.steps[0].parameters must name one way to restart, unit or container or startScript with port or restartScript, not unit and restartScript together',
    ],
    ...['a.sh', '/opt/a.sh; reboot', '/opt/../a.sh'].map((restartScript): [unknown, string] => [
      step(linux({ restartScript })),
      'restart.steps[0].parameters.restartScript is not what Lamplighter-RestartLinux takes (Absolute path of a script that restarts the service itself; exit code 0 means done): it must match ^(|(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){1,12})$',
    ]),
    [
      step({ ...linux({}), timeoutSeconds: 60 }),
      'restart.steps[0].timeoutSeconds must be at least 90: startTimeoutSeconds (60), stopTimeoutSeconds (20) and 10 s to spare; lengthen it, or shorten those',
    ],
    [
      step(linux({ startScript: '/opt/a/start.sh' })),
      'restart.steps[0].parameters.port is missing; startScript needs it, to know what to stop and when the service is up',
    ],
    [
      step(linux({ startScript: '/opt/a/start.sh', port: '65536' })),
      'restart.steps[0].parameters.port must be at most 65535',
    ],
    [
      step({ ...linux({ unit: 'a' }), timeoutSeconds: 89 }),
      'restart.steps[0].timeoutSeconds must be at least 90: startTimeoutSeconds (60), stopTimeoutSeconds (20) and 10 s to spare; lengthen it, or shorten those',
    ],
    [
      step(linux({ unit: 'a', startTimeoutSeconds: '100', stopTimeoutSeconds: '11' })),
      'restart.steps[0].timeoutSeconds must be at least 121: startTimeoutSeconds (100), stopTimeoutSeconds (11) and 10 s to spare; lengthen it, or shorten those',
    ],
    [
      step({ ...linux({ unit: 'a' }), document: 'Lamplighter-RestartWindows' }),
      expect.stringContaining(
        'parameters.unit is not a parameter of Lamplighter-RestartWindows; it takes serviceName,',
      ),
    ],
    [
      step({ ...linux({ serviceName: '' }), document: 'Lamplighter-RestartWindows' }),
      'restart.steps[0].parameters must name one way to restart, serviceName or startScript with port or restartScript',
    ],
    [
      service({ alerts: { flapping: { incidents: 1 } } }),
      'alerts.flapping.incidents must be 0 or at least 2: one incident is no flapping',
    ],
    [service({ alerts: { minLevel: 'fatal' } }), 'alerts.minLevel must be one of info, warning, error, critical'],
    [service({ alerts: { enabled: 'yes' } }), 'alerts.enabled must be true or false, not text'],
  ])('(%#) is told what to mend', (input, ...expected) => {
    expect(refusedWith(input)).toEqual(expected);
  });

  it('is told of a forbidden address and of a credential together with the faults of its fields', () => {
    expect(
      refusedWith({
        id: 'A',
        probe: { kind: 'http', url: 'http://127.0.0.1/?token=x', port: 'x', headers: { auth: 'x', other: 5 } },
        readiness: { kind: 'tcp', host: '169.254.169.254' },
      }).map((fault) => fault.split(' ', 1)[0]),
    ).toEqual([
      'id',
      'probe.port',
      'probe.headers.other',
      'readiness.port',
      'probe.url',
      'probe.url',
      'probe.headers.auth',
      'readiness.host',
    ]);
  });

  it('is told nothing of an address that nobody would dial', () => {
    expect(refusedWith(service({ probe: { kind: 'heartbeat', host: '127.0.0.1' } }))).toEqual([
      'probe.host is not a known field; remove it or correct its name',
    ]);
    expect(refusedWith(service({ probe: { kind: 'http', url: 5, host: ['127.0.0.1'] } }))).toHaveLength(2);
  });

  it('is told every fault at once', () => {
    expect(refusedWith({ id: 'A', a: 1, b: 2, probe: { kind: 'tcp' } })).toEqual([
      `id ${idRule}`,
      'probe.host is missing; give text',
      'probe.port is missing; give a number',
      'a is not a known field; remove it or correct its name',
      'b is not a known field; remove it or correct its name',
    ]);
  });

  it('is told that no document is allowed at all, where that is so', () => {
    expect(refusedWith(step(ssmStep), { ...limits, documents: [] })).toEqual([
      'restart.steps[0].document Lamplighter-RestartLinux is not an allowed document; this deployment allows none',
    ]);
  });
});

describe('the network of a document', () => {
  const inVpc: Limits = { ...limits, networks: ['public', 'private'] };
  const db = { kind: 'tcp', host: '10.1.2.3', port: 5432 };
  const outside = "private needs network.vpcId in the deployment's settings: it has no prober inside a VPC";
  const inside = (name: string) => `${name} is reached from inside the VPC only; set probe.network to private`;

  it('is public unless it is said, and holds for both probes', () => {
    expect(settled(service({}), inVpc).network).toBe('public');
    const network = 'private';
    const whole = service({ probe: { ...db, network }, readiness: { kind: 'http', url: 'http://10.1.2.3/ready' } });
    expect(settled(whole, inVpc)).toMatchObject({ network, probe: db, readiness: { url: 'http://10.1.2.3/ready' } });
    expect(settled(whole, inVpc).probe).not.toHaveProperty('network');
  });

  it.each(['http', 'tcp', 'tls', 'heartbeat'])('may be private for every kind of probe: %s', (kind) => {
    const reached =
      kind === 'heartbeat' ? {} : kind === 'http' ? { url: 'http://db.internal/' } : { host: 'db.internal' };
    const more = kind === 'tcp' ? { port: 1 } : {};
    expect(settled(service({ probe: { kind, network: 'private', ...reached, ...more } }), inVpc).network).toBe(
      'private',
    );
  });

  it.each<[document: object, given: Limits, ...expected: string[]]>([
    [
      { probe: { ...db, network: 'vpc' } },
      inVpc,
      'probe.network must be one of public, private',
      `probe.host ${inside('10.1.2.3')}`,
    ],
    [
      { readiness: { ...db, network: 'private' }, probe: { ...db, network: 'private' } },
      inVpc,
      'readiness.network is not a known field; remove it or correct its name',
    ],
    [{ probe: { ...db, network: 'private' } }, limits, `probe.network ${outside}`],
    [
      { probe: { ...db, port: 0, network: 'private' } },
      limits,
      'probe.port must be at least 1',
      `probe.network ${outside}`,
    ],
    [{ probe: db }, inVpc, `probe.host ${inside('10.1.2.3')}`],
    [{ probe: { ...db, network: 'public' } }, inVpc, `probe.host ${inside('10.1.2.3')}`],
    [{ readiness: { kind: 'http', url: 'http://10.1.2.3/' } }, inVpc, `readiness.url ${inside('10.1.2.3')}`],
    [
      { probe: { ...db, host: '10.9.0.1', network: 'private' } },
      inVpc,
      `probe.host 10.9.0.1 is an address that must not be probed (private); ${notPublic}`,
    ],
  ])('(%#) is a fault where nobody could look from there', (document, given, ...expected) => {
    expect(refusedWith(service(document), given)).toEqual(expected);
  });

  it.each<[document: object, given: Limits]>([
    [{ probe: db }, limits],
    [{ probe: { ...db, network: 'public' } }, limits],
    [{ probe: { ...db, network: 'private' } }, inVpc],
    [{ probe: { ...db, host: '9.9.9.9', network: 'private' } }, inVpc],
    [{ probe: { ...db, host: '9.9.9.9' } }, inVpc],
    [{ probe: { ...db, host: 'db.internal' } }, inVpc],
  ])('(%#) is taken where the prober reaches it', (document, given) => {
    expect(refusedWith(service(document), given)).toEqual([]);
  });
});

describe('where requests are counted', () => {
  const drained = (drain: object) => service({ restart: { steps: [ecsStep], drain } });

  it.each<[drain: object, ...expected: string[]]>([
    [{ activeRequestsUrl: 'https://shop.example.com/active' }],
    [{ activeRequestsUrl: 'https://shop.example.com/', headers: { 'x-api-key': '{{ssm:/lamplighter/probe/key}}' } }],
    [
      { activeRequestsUrl: 'http://169.254.169.254/latest' },
      `restart.drain.activeRequestsUrl 169.254.169.254 is an address that must not be probed (link-local (instance metadata, container credentials, Lambda runtime API)); ${notPublic}`,
    ],
    [
      { activeRequestsUrl: 'https://shop.example.com/?token=abc' },
      'restart.drain.activeRequestsUrl holds a credential in the query parameter token: put the value in a header with {{ssm:/lamplighter/probe/NAME}}',
    ],
    [
      { activeRequestsUrl: 'https://shop.example.com/', headers: { 'x-api-key': 'abc' } },
      'restart.drain.headers.x-api-key holds a credential: store it in Parameter Store and write {{ssm:/lamplighter/probe/NAME}} here',
    ],
  ])('%j is held to the rules of probes', (drain, ...expected) => {
    expect(refusedWith(drained(drain), { ...limits, allowedRanges: [] })).toEqual(expected);
  });

  it('may be inside the VPC, for a service that is looked at from there', () => {
    const inVpc: Limits = { ...limits, networks: ['public', 'private'] };
    const restart = { steps: [ecsStep], drain: { activeRequestsUrl: 'http://10.1.2.3/active' } };
    const probe = { kind: 'tcp', host: '10.1.2.3', port: 1 };
    expect(refusedWith(service({ probe: { ...probe, network: 'private' }, restart }), inVpc)).toEqual([]);
    expect(refusedWith(service({ probe: { ...probe, host: '9.9.9.9' }, restart }), inVpc)).toEqual([
      'restart.drain.activeRequestsUrl 10.1.2.3 is reached from inside the VPC only; set probe.network to private',
    ]);
  });
});

describe('a probe of kind ecs', () => {
  const probe = { kind: 'ecs', cluster: 'prod', service: 'api' };

  it('is taken where ECS can be asked, in a network of its own', () => {
    expect(settled(service({ probe }), { ...limits, ecsState: true })).toMatchObject({
      network: 'ecs',
      probe: { ...probe, graceSeconds: 120 },
    });
  });

  it.each<[document: object, given: Limits, ...expected: string[]]>([
    [
      { probe },
      limits,
      "probe.kind ecs needs ecsState.clusters in the deployment's settings: nobody there may ask ECS how services stand",
    ],
    [
      { probe: { ...probe, network: 'public' } },
      { ...limits, ecsState: true },
      'probe.network is not a known field; remove it or correct its name',
    ],
  ])('(%#) is a fault otherwise', (document, given, ...expected) => {
    expect(refusedWith(service(document), given)).toEqual(expected);
  });
});

describe('a good document', () => {
  it('is filled up with the defaults', () => {
    expect(settled({ id: 'a', probe: { kind: 'http', url: 'https://example.com' } })).toEqual({
      id: 'a',
      tenant: 'default',
      name: 'a',
      project: undefined,
      tags: {},
      network: 'public',
      probe: {
        kind: 'http',
        url: 'https://example.com',
        method: 'GET',
        headers: {},
        expect: {},
        maxRedirects: 3,
        verifyCertificate: true,
        certificateWarningDays: 14,
        retries: 1,
        intervalSeconds: 60,
        timeoutSeconds: 3,
      },
      readiness: undefined,
      policy: { failureThreshold: 3, successThreshold: 2, window: { failures: 3, of: 5 } },
      restart: {
        mode: 'off',
        maxRestarts: 3,
        windowSeconds: 3_600,
        otherImages: 'refuse',
        steps: [],
        warmUpSeconds: 10,
        verifyTimeoutSeconds: 120,
        backoffSeconds: 10,
        maxBackoffSeconds: 300,
      },
      dependsOn: [],
      alerts: {
        ...{ enabled: true, minLevel: 'info', remindAfterMinutes: 30, escalateAfterMinutes: 0 },
        flapping: { incidents: 4, windowMinutes: 60 },
      },
    });
  });

  it('may say everything that the documentation shows', () => {
    const documented = {
      id: 'billing-api',
      name: ' Billing API ',
      tenant: 'default',
      project: 'erp',
      version: '1.4.2',
      type: 'web',
      tags: { team: 'payments' },
      apiEndpoints: ['/invoices'],
      monitoring: { logLevel: 'debug', metrics: false },
      probe: {
        kind: 'http',
        url: 'https://billing.example.com/health',
        method: 'GET',
        headers: { 'x-team': 'payments', authorization: 'Bearer {{ssm:/lamplighter/probe/billing}}' },
        expect: { status: [200], body: 'ok', json: [{ path: '$.status', equals: 'UP' }], maxLatencyMs: 1_500 },
        intervalSeconds: 60,
        timeoutSeconds: 3,
        retries: 1,
      },
      readiness: { kind: 'tls', host: 'billing.example.com' },
      policy: { profile: 'standard', failureThreshold: 3, successThreshold: 2 },
      restart: {
        mode: 'on',
        maxRestarts: 3,
        windowSeconds: 3_600,
        steps: [
          { kind: 'ecs', action: 'redeploy', cluster: 'prod', service: 'billing' },
          {
            kind: 'ssm',
            document: 'Lamplighter-RestartLinux',
            instanceIds: ['i-0abc'],
            parameters: { unit: 'billing' },
          },
        ],
      },
      alerts: { minLevel: 'warning', enabled: true },
    };
    expect(settled(documented)).toMatchObject({
      name: 'Billing API',
      project: 'erp',
      probe: { headers: documented.probe.headers, expect: documented.probe.expect },
      readiness: { kind: 'tls', port: 443, intervalSeconds: 60, timeoutSeconds: 3 },
      restart: { mode: 'on', steps: [{ timeoutSeconds: 900 }, { timeoutSeconds: 120 }] },
      alerts: { minLevel: 'warning', enabled: true },
    });
  });

  it.each([
    [
      { kind: 'tcp', host: 'db.example.com', port: 5432 },
      { retries: 1, timeoutSeconds: 3 },
    ],
    [
      { kind: 'tls', host: '2606:4700::1111' },
      { port: 443, certificateWarningDays: 14, verifyCertificate: true },
    ],
    [{ kind: 'heartbeat' }, { graceSeconds: 30 }],
    [{ kind: 'tcp', host: '10.1.2.3', port: 5432 }, { host: '10.1.2.3' }],
    [{ kind: 'http', url: 'https://a.example', intervalSeconds: 10, retries: 3 }, { timeoutSeconds: 2.5 }],
  ])('may be probed by %j', (document, expected) => {
    expect(settled(service({ probe: document })).probe).toMatchObject(expected);
  });

  it('divides a short interval between its two probes where it names no timeouts', () => {
    const readiness = { kind: 'tcp', host: 'a', port: 1, retries: 2 };
    const both = settled(service({ policy: { profile: 'critical' }, readiness }));
    expect([both.probe.timeoutSeconds, both.readiness?.timeoutSeconds]).toEqual([2.5, 5 / 3]);
    const beating = { kind: 'heartbeat', intervalSeconds: 10 };
    expect(settled(service({ probe: beating, readiness })).readiness?.timeoutSeconds).toBe(3);
  });

  it.each([
    [{ host: 'example.com' }, 'http://example.com/health'],
    [{ host: 'example.com', port: 8080 }, 'http://example.com:8080/health'],
    [{ host: 'example.com', port: 8080, path: '/live?deep=1' }, 'http://example.com:8080/live?deep=1'],
    [{ host: '2606:4700::1111', port: 8080 }, 'http://[2606:4700::1111]:8080/health'],
    [{ host: '93.184.216.34', path: '/' }, 'http://93.184.216.34/'],
  ])('with %j is probed at %s', (parts, url) => {
    const { probe: probed } = settled(service({ probe: { kind: 'http', ...parts } }));
    expect(probed).toMatchObject({ kind: 'http', url });
    expect(Object.keys(probed)).not.toEqual(expect.arrayContaining(['host']));
  });

  it.each([
    [{ probe: { kind: 'http', url: 'https://a.example', headers: { Cookie: '{{secret:/lamplighter/probe/a}}' } } }],
    [{ restart: { backoffSeconds: 300, maxBackoffSeconds: 300 } }],
    [{ policy: { window: { failures: 3, of: 3 } } }],
    [{ probe: { kind: 'heartbeat', intervalSeconds: 10, timeoutSeconds: 30, retries: 3 } }],
    [{ probe: { kind: 'tcp', host: 'a', port: 1, intervalSeconds: 300, timeoutSeconds: 20 } }],
    [
      {
        probe: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 10 },
        readiness: { kind: 'tcp', host: 'a', port: 1, timeoutSeconds: 10 },
      },
    ],
    [{ tags: namesTo(50) }],
    [{ alerts: { runbook: 'https://wiki.example.com/billing#down' } }],
    [{ restart: { steps: [{ ...linux({ container: 'a' }), timeoutSeconds: 90 }] } }],
    [{ restart: { steps: [linux({ startScript: '/opt/a/start.sh', port: '65535', user: 'a', unit: '' })] } }],
    [
      {
        restart: {
          steps: [linux({}), linux({ port: '8080', user: 'a' }), linux({ restartScript: '/a/b.sh', unit: '' })],
        },
      },
    ],
    [{ restart: { steps: [{ ...linux({}), document: 'Lamplighter-RestartWindows', timeoutSeconds: 90 }] } }],
    [{ restart: { steps: [{ ...linux({ serviceName: 'W3SVC' }), document: 'Lamplighter-RestartWindows' }] } }],
    [{ restart: { steps: [{ ...linux({ anything: 'a; b' }), document: 'My-Document', timeoutSeconds: 5 }] } }],
  ])('may go to the very limit: %j', (change) => {
    expect(refusedWith(service(change))).toEqual([]);
  });

  it.each([
    [{}, 'off'],
    [{ steps: [ecsStep] }, 'on'],
    [{ mode: 'off', steps: [ecsStep] }, 'off'],
    [{ mode: 'observe' }, 'observe'],
  ])('with restart %j is in mode %s', (restart, mode) => {
    expect(settled(service({ restart })).restart.mode).toBe(mode);
  });
});

describe('the profile', () => {
  const withProfile = (profile: string, change: object = {}) =>
    settled({
      id: 'a',
      probe: { kind: 'http', url: 'https://example.com' },
      restart: { steps: [ecsStep] },
      policy: { profile },
      ...change,
    });

  it.each([
    ['standard', 60, 3, 3, 3_600, 'on', true],
    ['critical', 10, 2, 10, 600, 'on', true],
    ['non-critical', 60, 5, 3, 3_600, 'on', false],
    ['observe-only', 30, 3, 3, 3_600, 'observe', true],
  ])(
    '%s looks every %i s, counts %i failures, restarts %i times in %i s, mode %s, alerts %s',
    (profile, intervalSeconds, failureThreshold, maxRestarts, windowSeconds, mode, enabled) => {
      expect(withProfile(profile)).toMatchObject({
        probe: { intervalSeconds },
        policy: { failureThreshold, window: { failures: failureThreshold, of: failureThreshold + 2 } },
        restart: { maxRestarts, windowSeconds, mode },
        alerts: { enabled },
      });
    },
  );

  it('gives way to what the document says itself', () => {
    const change = {
      probe: { kind: 'http', url: 'https://example.com', intervalSeconds: 20 },
      policy: { profile: 'critical', failureThreshold: 4, window: { failures: 5, of: 9 } },
      restart: { mode: 'off', maxRestarts: 1, windowSeconds: 60, steps: [ecsStep] },
      alerts: { enabled: false },
    };
    expect(withProfile('critical', change)).toMatchObject({
      probe: { intervalSeconds: 20 },
      policy: { failureThreshold: 4, window: { failures: 5, of: 9 } },
      restart: { mode: 'off', maxRestarts: 1, windowSeconds: 60 },
      alerts: { enabled: false },
    });
  });
});
