import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { readSettings, SettingsError } from '../../local/settings.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lamplighter-settings-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
function file(text: string, home = folder()): string {
  const path = join(home, 'lamplighter.yaml');
  writeFileSync(path, text);
  return path;
}
/** The message of the refusal; an accepted setting fails the test. */
function refusal(env: Record<string, string>, config?: unknown): string {
  try {
    readSettings(env, config);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).message;
  }
  throw new Error('was accepted');
}

describe('the settings of one machine', () => {
  it('need nothing', () => {
    expect(readSettings({})).toEqual({
      ...{ port: 4680, awsPort: 4681, dataDir: resolve('.lamplighter'), minIntervalSeconds: 1 },
      config: {
        alerts: { webhooks: [], smsMonthlyLimit: 100, groupSeconds: 0 },
        allowedRanges: [],
        ecs: { services: [], images: {} },
        discovery: { clusters: [] },
        restart: { storm: { share: 0.3, least: 5, cooldownSeconds: 120 }, maxAtOnce: 5 },
        ssm: { instances: [], parameters: {} },
        sns: { subscribers: [] },
      },
    });
  });

  it('come from the environment', () => {
    const env = {
      ...{ LAMPLIGHTER_PORT: '8080', LAMPLIGHTER_AWS_PORT: '9090', LAMPLIGHTER_DATA_DIR: '/var/lib/lamplighter' },
      LAMPLIGHTER_MIN_INTERVAL_SECONDS: '10',
    };
    expect(readSettings(env)).toMatchObject({
      ...{ port: 8080, awsPort: 9090, dataDir: '/var/lib/lamplighter', minIntervalSeconds: 10 },
    });
  });

  it('put the AWS endpoint beside the API, and on a free port where the API has one', () => {
    expect(readSettings({ LAMPLIGHTER_PORT: '7000' }).awsPort).toBe(7001);
    expect(readSettings({ LAMPLIGHTER_PORT: '0' })).toMatchObject({ port: 0, awsPort: 0 });
  });

  it('want the AWS port by its name where the API has the last one there is', () => {
    expect(refusal({ LAMPLIGHTER_PORT: '65535' })).toBe(
      'wrong settings in the environment:\n  LAMPLIGHTER_AWS_PORT must be given when LAMPLIGHTER_PORT is 65535: there is no port after it',
    );
    const both = { LAMPLIGHTER_PORT: '65535', LAMPLIGHTER_AWS_PORT: '4681' };
    expect(readSettings(both)).toMatchObject({ port: 65_535, awsPort: 4681 });
    expect(readSettings({ LAMPLIGHTER_PORT: '65534' }).awsPort).toBe(65_535);
  });

  it.each([
    ['LAMPLIGHTER_PORT', 'http'],
    ['LAMPLIGHTER_PORT', '65536'],
    ['LAMPLIGHTER_AWS_PORT', '-1'],
    ['LAMPLIGHTER_DATA_DIR', ''],
    ['LAMPLIGHTER_MIN_INTERVAL_SECONDS', '0'],
    ['LAMPLIGHTER_MIN_INTERVAL_SECONDS', '1.5'],
    ['LAMPLIGHTER_CONFIG', ''],
  ])('are refused with %s=%s, by its name', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^wrong settings in the environment:\n  ${name} must `));
  });

  it('are refused with all their faults at once', () => {
    const message = refusal({ LAMPLIGHTER_PORT: 'x', LAMPLIGHTER_MIN_INTERVAL_SECONDS: '99' });
    expect(
      message
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(' ')[0]),
    ).toEqual([...['LAMPLIGHTER_PORT', 'LAMPLIGHTER_MIN_INTERVAL_SECONDS']]);
  });
});

describe('the settings file', () => {
  it('is read as YAML; an empty one is as none', () => {
    const text = `
allowedRanges: [10.0.0.0/8]
ecs: { services: [{ cluster: prod, service: web, command: ./web --port 8080, port: 8080 }] }
ssm: { instances: [{ id: i-0abc }], parameters: { /lamplighter/probe/token: t } }
sns: { subscribers: [{ protocol: email, endpoint: ada@example.com, levels: [critical] }] }
`;
    expect(readSettings({ LAMPLIGHTER_CONFIG: file(text) }).config).toMatchObject({
      allowedRanges: ['10.0.0.0/8'],
      ecs: { services: [{ cluster: 'prod', command: './web --port 8080', desiredCount: 1 }] },
      ssm: { instances: [{ id: 'i-0abc', pingStatus: 'Online' }] },
      sns: { subscribers: [{ protocol: 'email' }] },
    });
    expect(readSettings({ LAMPLIGHTER_CONFIG: file('') }).config).toEqual(readSettings({}).config);
  });

  it('means its relative folders from where it lies', () => {
    const home = folder();
    const text = `
ecs:
  services:
    - { cluster: c, service: here, command: x }
    - { cluster: c, service: below, command: x, cwd: apps/web }
    - { cluster: c, service: elsewhere, command: x, cwd: /srv }
ssm: { documents: docs }
`;
    const { config } = readSettings({ LAMPLIGHTER_CONFIG: file(text, home) });
    expect(config.ecs.services.map(({ cwd }) => cwd)).toEqual([home, join(home, 'apps/web'), '/srv']);
    expect(config.ssm.documents).toBe(join(home, 'docs'));
  });

  it.each([
    ['ranges: []', 'ranges is not a known field; remove it or correct its name'],
    ['allowedRanges: [10.0.0.0]', 'allowedRanges[0] must be a range such as 10.0.0.0/8'],
    ['allowedRanges: [999.0.0.0/8]', 'allowedRanges[0] must be a range such as 10.0.0.0/8'],
    ['allowedRanges: 10.0.0.0/8', 'allowedRanges must be a list, not text'],
    ['ecs: { services: [{ cluster: c, service: s }] }', 'ecs.services[0].command'],
    ['ecs: { services: [{ cluster: c c, service: s, command: x }] }', 'ecs.services[0].cluster must be an ECS name'],
    ['ecs: { services: [{ cluster: c, service: s, command: x, port: 0 }] }', 'ecs.services[0].port must be at least 1'],
    [
      'ecs: { services: [{ cluster: c, service: s, command: x }, { cluster: c, service: s, command: y }] }',
      'ecs.services[1].service c/s is there twice',
    ],
    ['ssm: { instances: [{ id: web-1 }] }', 'ssm.instances[0].id must be an instance id such as i-0abc'],
    ['ssm: { instances: [{ id: i-0abc, delivery: late }] }', 'ssm.instances[0].delivery must be one of ok'],
    ['sns: { subscribers: [{ protocol: pigeon, endpoint: x }] }', 'sns.subscribers[0].protocol must be one of email'],
    [
      'sns: { subscribers: [{ protocol: email, endpoint: x }] }',
      'sns.subscribers[0].endpoint is no endpoint of protocol email',
    ],
    ['- a list', '(document) must be an object, not a list'],
  ])('is refused with %s', (text, fault) => {
    const path = file(text);
    const message = refusal({ LAMPLIGHTER_CONFIG: path });
    expect(message).toContain(`wrong settings in ${path}:\n  ${fault}`);
  });

  it('is refused where it is not there or is no YAML, by its name', () => {
    const missing = join(folder(), 'missing.yaml');
    expect(refusal({ LAMPLIGHTER_CONFIG: missing })).toMatch(/^LAMPLIGHTER_CONFIG:\n/);
    expect(refusal({ LAMPLIGHTER_CONFIG: missing })).toContain(missing);
    const broken = file('ecs: [');
    expect(refusal({ LAMPLIGHTER_CONFIG: broken })).toContain(`  ${broken} `);
  });

  it('gives way to a configuration that is handed over', () => {
    const config = { allowedRanges: ['10.0.0.0/8'] };
    expect(readSettings({}, config).config.allowedRanges).toEqual(['10.0.0.0/8']);
    expect(refusal({}, { allowedRanges: [7] })).toContain('wrong settings in the configuration:\n  allowedRanges[0]');
  });
});
