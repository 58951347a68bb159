import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { type EnvName, functionEnv, type FunctionName, limitEnv } from '../../lambdas/contract/env.ts';
import { lazy } from '../../lambdas/runtime/lazy.ts';
import { limitsOf } from '../../lambdas/runtime/limits.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';

const whole: Readonly<Record<EnvName, string>> = {
  LAMPLIGHTER_TABLE: 'table',
  LAMPLIGHTER_SHARDS: '16',
  LAMPLIGHTER_PROBE_QUEUE_URL: 'https://sqs.example.com/1/probe',
  LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: '',
  LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '',
  LAMPLIGHTER_ECS_STATE: 'yes',
  LAMPLIGHTER_NETWORK: 'private',
  LAMPLIGHTER_NETWORKS: 'public,private',
  LAMPLIGHTER_RESTART_QUEUE_URL: 'https://sqs.example.com/1/restart',
  LAMPLIGHTER_DELIVER_QUEUE_URL: 'https://sqs.example.com/1/deliver',
  LAMPLIGHTER_RECEIVER: '{"name":"chat","format":"slack","secret":"lamplighter/alerts/chat"}',
  LAMPLIGHTER_SMS: '{"monthlyLimit":100,"numbers":[{"levels":["critical"],"tags":["team=a"]}]}',
  LAMPLIGHTER_ALERT_QUEUE_URL: 'https://sqs.example.com/1/alert',
  LAMPLIGHTER_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:alerts',
  LAMPLIGHTER_EVENT_BUS: 'arn:aws:events:eu-west-1:000000000000:event-bus/ops',
  LAMPLIGHTER_API_URL: 'https://api.example.com',
  LAMPLIGHTER_GROUP_SECONDS: '60',
  LAMPLIGHTER_QUIET_HOURS: '{"from":"22:00","to":"07:00","timeZone":"Europe/Berlin","levels":["info"]}',
  LAMPLIGHTER_ALLOWED_RANGES: '10.0.0.0/8,192.168.0.0/16',
  LAMPLIGHTER_DOCUMENTS: `Lamplighter-RestartLinux=${'0a'.repeat(32)},Acme.Restart_2=${'f'.repeat(64)}`,
  LAMPLIGHTER_MAX_IN_FLIGHT: '100',
  LAMPLIGHTER_STORM: '{"share":0.3,"least":5,"cooldownSeconds":120}',
  LAMPLIGHTER_MAX_RESTARTS: '5',
  LAMPLIGHTER_RETENTION_DAYS: '30',
  LAMPLIGHTER_ROLLUP_RETENTION_DAYS: '400',
  LAMPLIGHTER_AUDIT_RETENTION_DAYS: '365',
  LAMPLIGHTER_MIN_INTERVAL_SECONDS: '10',
  LAMPLIGHTER_DISCOVERY_CLUSTERS: 'prod,stage',
  LAMPLIGHTER_RESTART_TAG: '{"key":"lamplighter","value":"restart"}',
  LAMPLIGHTER_PEOPLE_SECRET: 'lamplighter/api/people',
  LAMPLIGHTER_BUILD: '{"version":"1.0.0","commit":"abc","builtAt":"now"}',
};
const functions = Object.keys(functionEnv) as FunctionName[];

describe('the environment of a function', () => {
  it.each(functions)('gives %s its variables, decoded, and nothing else', (name) => {
    const env = readEnv<EnvName>(functionEnv[name], { ...whole, PATH: '/bin' });
    expect(Object.keys(env).toSorted()).toEqual([...functionEnv[name]].toSorted());
  });

  it('is decoded: numbers, lists and the build', () => {
    const env = readEnv(functionEnv.api, whole);
    expect(env).toMatchObject({
      LAMPLIGHTER_SHARDS: 16,
      LAMPLIGHTER_ALLOWED_RANGES: ['10.0.0.0/8', '192.168.0.0/16'],
      LAMPLIGHTER_DOCUMENTS: [
        { name: 'Lamplighter-RestartLinux', hash: '0a'.repeat(32) },
        { name: 'Acme.Restart_2', hash: 'f'.repeat(64) },
      ],
      LAMPLIGHTER_BUILD: { version: '1.0.0', commit: 'abc', builtAt: 'now' },
    });
  });

  it('need not know where people reach the API', () => {
    expect(readEnv(functionEnv.alert, { ...whole, LAMPLIGHTER_API_URL: '' }).LAMPLIGHTER_API_URL).toBe('');
  });

  it.each(['', 'default', 'team_ops-events.v1'])('may name the bus %j, or none', (bus) => {
    expect(readEnv(functionEnv.alert, { ...whole, LAMPLIGHTER_EVENT_BUS: bus }).LAMPLIGHTER_EVENT_BUS).toBe(bus);
  });

  it('may know of no quiet hours', () => {
    const quiet = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin', levels: ['info'] };
    expect(readEnv(functionEnv.alert, whole).LAMPLIGHTER_QUIET_HOURS).toEqual(quiet);
    expect(readEnv(functionEnv.alert, { ...whole, LAMPLIGHTER_QUIET_HOURS: '' }).LAMPLIGHTER_QUIET_HOURS).toBe(
      undefined,
    );
  });

  it('may allow no document at all', () => {
    expect(readEnv(functionEnv.restart, { ...whole, LAMPLIGHTER_DOCUMENTS: '' }).LAMPLIGHTER_DOCUMENTS).toEqual([]);
  });

  it.each(functions)('of %s names every variable that is missing', (name) => {
    expect(() => readEnv<EnvName>(functionEnv[name], {})).toThrow(
      new Error(`the environment is wrong or incomplete: ${functionEnv[name].join(', ')}`),
    );
  });

  it.each([
    ['LAMPLIGHTER_TABLE', ''],
    ['LAMPLIGHTER_SHARDS', '0'],
    ['LAMPLIGHTER_SHARDS', '101'],
    ['LAMPLIGHTER_SHARDS', '1.5'],
    ['LAMPLIGHTER_SHARDS', 's3cret'],
    ['LAMPLIGHTER_PROBE_QUEUE_URL', 's3cret'],
    ['LAMPLIGHTER_OTHER_PROBE_QUEUE_URL', 's3cret'],
    ['LAMPLIGHTER_ECS_PROBE_QUEUE_URL', 's3cret'],
    ['LAMPLIGHTER_ECS_STATE', 's3cret'],
    ['LAMPLIGHTER_NETWORK', ''],
    ['LAMPLIGHTER_NETWORK', 's3cret'],
    ['LAMPLIGHTER_NETWORKS', ''],
    ['LAMPLIGHTER_NETWORKS', 'public,s3cret'],
    ['LAMPLIGHTER_RESTART_QUEUE_URL', 's3cret'],
    ['LAMPLIGHTER_ALERT_QUEUE_URL', 's3cret'],
    ['LAMPLIGHTER_TOPIC_ARN', 's3cret'],
    ['LAMPLIGHTER_EVENT_BUS', 's3cret bus'],
    ['LAMPLIGHTER_EVENT_BUS', 'arn:aws:events:eu-west-1:s3cret:event-bus/ops'],
    ['LAMPLIGHTER_EVENT_BUS', 'x'.repeat(257)],
    ['LAMPLIGHTER_EVENT_BUS', `arn:aws:events:eu-west-1:000000000000:event-bus/${'x'.repeat(257)}`],
    ['LAMPLIGHTER_API_URL', 's3cret'],
    ['LAMPLIGHTER_API_URL', 'https://s3cret.example.com/'],
    ['LAMPLIGHTER_GROUP_SECONDS', '-1'],
    ['LAMPLIGHTER_GROUP_SECONDS', '901'],
    ['LAMPLIGHTER_QUIET_HOURS', 's3cret'],
    ['LAMPLIGHTER_QUIET_HOURS', '{"from":"24:00","to":"07:00","timeZone":"UTC","levels":[]}'],
    ['LAMPLIGHTER_QUIET_HOURS', '{"from":"22:00","to":"22:00","timeZone":"UTC","levels":[]}'],
    ['LAMPLIGHTER_QUIET_HOURS', '{"from":"22:00","to":"07:00","timeZone":"s3cret","levels":[]}'],
    ['LAMPLIGHTER_QUIET_HOURS', '{"from":"22:00","to":"07:00","timeZone":"UTC","levels":["critical"]}'],
    ['LAMPLIGHTER_DOCUMENTS', 's3cret'],
    ['LAMPLIGHTER_DOCUMENTS', 's3cret='],
    ['LAMPLIGHTER_DOCUMENTS', `s3cret=${'F'.repeat(64)}`],
    ['LAMPLIGHTER_DOCUMENTS', `=${'f'.repeat(64)}`],
    ['LAMPLIGHTER_MAX_IN_FLIGHT', '501'],
    ['LAMPLIGHTER_STORM', '{}'],
    ['LAMPLIGHTER_STORM', '{"share":0,"least":5,"cooldownSeconds":120}'],
    ['LAMPLIGHTER_STORM', '{"share":0.3,"least":1,"cooldownSeconds":120}'],
    ['LAMPLIGHTER_MAX_RESTARTS', '0'],
    ['LAMPLIGHTER_RETENTION_DAYS', '0'],
    ['LAMPLIGHTER_AUDIT_RETENTION_DAYS', '0'],
    ['LAMPLIGHTER_AUDIT_RETENTION_DAYS', '0.5'],
    ['LAMPLIGHTER_MIN_INTERVAL_SECONDS', '61'],
    ['LAMPLIGHTER_PEOPLE_SECRET', ''],
    ['LAMPLIGHTER_DELIVER_QUEUE_URL', 's3cret'],
    ['LAMPLIGHTER_RECEIVER', 's3cret'],
    ['LAMPLIGHTER_RECEIVER', '{"name":"s3cret","format":"irc","secret":"s3cret"}'],
    ['LAMPLIGHTER_RECEIVER', '{"name":"s3cret","format":"slack"}'],
    ['LAMPLIGHTER_SMS', 's3cret'],
    ['LAMPLIGHTER_SMS', '{"monthlyLimit":-1,"numbers":[]}'],
    ['LAMPLIGHTER_SMS', '{"monthlyLimit":1,"numbers":[{"levels":["s3cret"]}]}'],
    ['LAMPLIGHTER_RESTART_TAG', 's3cret'],
    ['LAMPLIGHTER_RESTART_TAG', '{"key":"s3cret"}'],
    ['LAMPLIGHTER_BUILD', 's3cret'],
    ['LAMPLIGHTER_BUILD', '{"version":"s3cret"}'],
  ] as const)('with %s=%j is refused by the name of the variable, without its value', (name, value) => {
    const read = () => readEnv([name], { ...whole, [name]: value });
    expect(read).toThrow(name);
    expect(read).not.toThrow(/s3cret/);
  });

  it.each(functions)('of %s is what its handler reads, and no other file looks at variables', (name) => {
    const folder = join(import.meta.dirname, '../../lambdas', name);
    const source = readFileSync(join(folder, 'handler.ts'), 'utf8');
    const limits = readFileSync(join(folder, '../runtime/limits.ts'), 'utf8');
    const all = source.includes('limitsOf(env)') ? source + limits : source;
    const read = new Set(all.match(/\bLAMPLIGHTER_[A-Z_]+/g));
    expect([...read].toSorted()).toEqual([...functionEnv[name]].toSorted());
    expect(source).toContain(`readEnv(functionEnv.${name}, process.env)`);
    expect(source.match(/process\.env/g)).toHaveLength(1);
    for (const file of readdirSync(folder).filter((one) => one !== 'handler.ts'))
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/process\.env|LAMPLIGHTER_/);
  });
});

describe('the limits of a deployment', () => {
  it('are made of their variables, by whoever registers', () => {
    expect(limitsOf(readEnv(limitEnv, { ...whole, LAMPLIGHTER_DOCUMENTS: '' }))).toEqual({
      minIntervalSeconds: 10,
      allowedRanges: ['10.0.0.0/8', '192.168.0.0/16'],
      documents: [],
      networks: ['public', 'private'],
      ecsState: true,
    });
  });
});

describe('what is built at the first call', () => {
  it('is built once', () => {
    let built = 0;
    const get = lazy(() => (built += 1));
    expect([get(), get(), built]).toEqual([1, 1, 1]);
  });

  it('is built once also when it is nothing', () => {
    let built = 0;
    const get = lazy(() => void (built += 1));
    get();
    get();
    expect(built).toBe(1);
  });

  it('is tried again after a failure', () => {
    let tries = 0;
    const get = lazy(() => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return 'there';
    });
    expect(get).toThrow('not yet');
    expect(get()).toBe('there');
  });
});
