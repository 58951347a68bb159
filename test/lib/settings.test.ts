// One bad setting per rule: synth stops and names it. A wrong deployment must not be possible by a typing error.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { checkSettings, readSettings, SettingsError } from '../../lib/settings.ts';

const example = fileURLToPath(new URL('../../docs/examples/settings.yaml', import.meta.url));
const address = 'team@example.com';
const quiet = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
const vpc = { vpcId: 'vpc-0abc1234', subnetIds: ['subnet-0abc1234'] };
const inVpc = (range: string) => ({ network: { ...vpc, allowedRanges: [range] } });

const hook = { name: 'chat', format: 'slack', secret: 'lamplighter/alerts/chat' };
const bare: Record<string, object> = {
  email: { address },
  sms: { number: '+4915112345678' },
  https: { url: 'https://hooks.example.com' },
  webhooks: hook,
};
const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const tags = (count: number) => many(count).map((name) => `${name}=x`);

const wrong: [what: string, settings: unknown, message: string][] = [
  ['an e-mail address', { alerts: { email: [{ address: 'team' }] } }, 'alerts.email.0.address: must be an e-mail'],
  ['an operator', { operators: { email: ['ops@'] } }, 'operators.email.0: must be an e-mail address'],
  [
    'an unknown level',
    { alerts: { email: [{ address, levels: ['loud'] }] } },
    'alerts.email.0.levels.0: Invalid option: expected one of "info"|"warning"|"error"|"critical"',
  ],
  ['an empty list of levels', { alerts: { email: [{ address, levels: [] }] } }, 'alerts.email.0.levels: Too small'],
  [
    'a phone number',
    { alerts: { sms: [{ number: '0151 234' }] } },
    'alerts.sms.0.number: must be a number such as +49',
  ],
  [
    'an address that escalations and all else go to',
    { alerts: { email: [{ address }], escalation: { email: [address] } } },
    'alerts.escalation.email.0: is subscribed already',
  ],
  [
    'a number that escalations go to twice',
    { alerts: { escalation: { sms: ['+4915112345678', '+4915112345678'] } } },
    'alerts.escalation.sms.1: is subscribed already',
  ],
  [
    'a URL without TLS',
    { alerts: { https: [{ url: 'http://hooks.example.com' }] } },
    'alerts.https.0.url: Invalid URL',
  ],
  [
    'a receiver in a format that nobody knows',
    { alerts: { webhooks: [{ name: 'chat', format: 'irc', secret: 'a' }] } },
    'alerts.webhooks.0.format: Invalid option: expected one of "slack"|"teams"|"dingtalk"|"wecom"|"webhook"',
  ],
  [
    'a receiver without a name of its own',
    { alerts: { webhooks: [hook, hook] } },
    'alerts.webhooks: names a receiver twice',
  ],
  [
    'a name that could be taken for another',
    { alerts: { webhooks: [{ ...hook, name: 'ops-1' }] } },
    'alerts.webhooks.0.name: must be a name such as ops-chat',
  ],
  ...['https://hooks.example.com/x', 'lamplighter/probe/x', '/lamplighter/probe/x', '/aws/x', '/a/*', 'a/*', '/'].map(
    (secret): [string, unknown, string] => [
      `${secret} for a receiver's secret`,
      { alerts: { webhooks: [{ ...hook, secret }] } },
      'alerts.webhooks.0.secret: must be a secret such as lamplighter/alerts/chat, or a parameter such as',
    ],
  ),
  ...['', 'ops bus', 'arn:aws:sqs:eu-west-1:000000000000:ops', 'arn:aws:events:eu-west-1:1:event-bus/ops'].map(
    (eventBus): [string, unknown, string] => [
      `"${eventBus}" for an event bus`,
      { alerts: { eventBus } },
      'alerts.eventBus: must be the name of an event bus such as default, or the ARN of one',
    ],
  ),
  [
    'an event bus of another region',
    {
      regions: ['eu-west-1', 'us-east-1'],
      alerts: { eventBus: 'arn:aws:events:eu-west-1:000000000000:event-bus/ops' },
    },
    'alerts.eventBus: lies in eu-west-1: entries are put on a bus of the same region; give its name instead',
  ],
  ['a tag without a value', { alerts: { email: [{ address, tags: ['payments'] }] } }, 'alerts.email.0.tags.0: must be'],
  ...['email', 'sms', 'https', 'webhooks'].map((kind): [string, unknown, string] => [
    `more combinations than SNS takes (${kind})`,
    { alerts: { [kind]: [{ ...bare[kind], levels: ['info', 'error'], projects: many(13), tags: tags(6) }] } },
    `alerts.${kind}.0: must not have more than 150 combinations of levels, projects and tags`,
  ]),
  ['fewer SMS than none', { alerts: { smsMonthlyLimit: -1 } }, 'alerts.smsMonthlyLimit: Too small'],
  ['a negative window', { alerts: { groupSeconds: -1 } }, 'alerts.groupSeconds: Too small'],
  ['a window longer than a message waits', { alerts: { groupSeconds: 901 } }, 'alerts.groupSeconds: Too big'],
  [
    'a time of day',
    { alerts: { quietHours: { ...quiet, from: '7:00' } } },
    'alerts.quietHours.from: must be a time of day such as "22:00"',
  ],
  [
    'quiet hours that never end',
    { alerts: { quietHours: { ...quiet, to: '22:00' } } },
    'alerts.quietHours.to: must differ from `from`',
  ],
  [
    'a time zone',
    { alerts: { quietHours: { ...quiet, timeZone: 'Berlin' } } },
    'alerts.quietHours.timeZone: must be a time zone such as Europe/Berlin',
  ],
  [
    'quiet hours for what is critical',
    { alerts: { quietHours: { ...quiet, levels: ['critical'] } } },
    'alerts.quietHours.levels.0: must be info, warning or error: what is critical never waits',
  ],
  ['a cluster', { restart: { clusters: ['prod/*'] } }, 'restart.clusters.0: must be an ECS cluster name'],
  [
    'a cluster to look into',
    { discovery: { clusters: ['arn:x'] } },
    'discovery.clusters.0: must be an ECS cluster name',
  ],
  ['a cluster twice', { discovery: { clusters: ['a', 'a'] } }, 'discovery.clusters: names a cluster twice'],
  ['a switch', { restart: { instances: 'yes' } }, 'restart.instances: Invalid input: expected boolean'],
  ['a storm of nobody', { restart: { storm: { share: 0 } } }, 'restart.storm.share: Too small'],
  ['a share above all', { restart: { storm: { share: 1.1 } } }, 'restart.storm.share: Too big'],
  ['a storm of one', { restart: { storm: { least: 1 } } }, 'restart.storm.least: Too small'],
  [
    'a cooldown shorter than a round',
    { restart: { storm: { cooldownSeconds: 59 } } },
    'restart.storm.cooldownSeconds: Too small',
  ],
  ['no restart at all', { restart: { maxAtOnce: 0 } }, 'restart.maxAtOnce: Too small'],
  ['a tag without a key', { restart: { tag: { key: '', value: 'x' } } }, 'restart.tag.key: Too small'],
  ['a tag without a value', { restart: { tag: { key: 'heal' } } }, 'restart.tag.value: Invalid input'],
  ['a region', { regions: ['europe'] }, 'regions.0: must be a region such as eu-central-1'],
  ['a zone for a region', { regions: ['eu-central-1', 'us-east-1a'] }, 'regions.1: must be a region such as'],
  ['a region twice', { regions: ['us-east-1', 'eu-west-1', 'us-east-1'] }, 'regions: names a region twice'],
  [
    'a VPC for several regions',
    { regions: ['us-east-1', 'eu-west-1'], network: vpc },
    'regions: names several, but network.vpcId lies in one of them: give each region settings of its own',
  ],
  ['a VPC', { network: { vpcId: 'main' } }, 'network.vpcId: must be a VPC id such as vpc-0abc1234'],
  ['a subnet', { network: { ...vpc, subnetIds: ['a'] } }, 'network.subnetIds.0: must be a subnet id such as'],
  ['a VPC without subnets', { network: { vpcId: vpc.vpcId } }, 'network.subnetIds: must be given too'],
  ['subnets without a VPC', { network: { subnetIds: vpc.subnetIds } }, 'network.vpcId: must be given too'],
  ['a range', inVpc('10.0.0.0'), 'network.allowedRanges.0: must be a range such as 10.0.0.0/8'],
  [
    'a private range without a VPC',
    { network: { allowedRanges: ['10.0.0.0/8'] } },
    'network.allowedRanges: opens private ranges, which can only be reached from a VPC: give network.vpcId too',
  ],
  [
    'an issuer without TLS',
    { api: { jwt: { issuer: 'http://login.example.com', audience: ['lamplighter'] } } },
    'api.jwt.issuer: Invalid URL',
  ],
  [
    'an issuer without an audience',
    { api: { jwt: { issuer: 'https://login.example.com', audience: [] } } },
    'api.jwt.audience: Too small',
  ],
  ['a throttle of nothing', { api: { ratePerSecond: 0 } }, 'api.ratePerSecond: Too small: expected number to be >=1'],
  ['a secret', { api: { basic: { secret: '/a/b' } } }, 'api.basic.secret: must be the name of a secret such as a/b'],
  ['a secret with a wildcard', { api: { basic: { secret: 'a/*' } } }, 'api.basic.secret: must be the name of a'],
  ['a secret that climbs', { api: { basic: { secret: 'a/b..c' } } }, 'api.basic.secret: must be the name of a'],
  [
    'a secret where probes may read',
    { api: { basic: { secret: 'lamplighter/probe/people' } } },
    'api.basic.secret: must not lie below lamplighter/probe/, where whoever registers a service may use secrets',
  ],
  ['a rate for people', { api: { basic: { ratePerSecond: 101 } } }, 'api.basic.ratePerSecond: Too big'],
  ['a burst for people', { api: { basic: { burst: 0 } } }, 'api.basic.burst: Too small'],
  ['no tries at once', { api: { basic: { reservedConcurrency: 0 } } }, 'api.basic.reservedConcurrency: Too small'],
  ['people as a switch', { api: { basic: true } }, 'api.basic: Invalid input: expected object'],
  ['a burst', { api: { burst: 2_001 } }, 'api.burst: Too big: expected number to be <=2000'],
  ['an interval of 0', { minIntervalSeconds: 0 }, 'minIntervalSeconds: Too small: expected number to be >=10'],
  ['an interval above a minute', { minIntervalSeconds: 61 }, 'minIntervalSeconds: Too big'],
  ['no shards', { shards: 0 }, 'shards: Too small'],
  ['more shards than keys', { shards: 101 }, 'shards: Too big: expected number to be <=100'],
  ['half a shard', { shards: 1.5 }, 'shards: Invalid input: expected int'],
  ['no retention', { retentionDays: 0 }, 'retentionDays: Too small'],
  ['no audit', { auditRetentionDays: 0 }, 'auditRetentionDays: Too small: expected number to be >=1'],
  ['days that logs do not know', { logRetentionDays: 31 }, 'logRetentionDays: must be one of 1, 3, 5, 7, 14, 30'],
  ['a field that is none', { colour: 'green' }, 'colour: is not a setting'],
  ['a field that is none, inside', { alerts: { pager: [] } }, 'alerts.pager: is not a setting'],
  ['no settings at all', 'hello', '(settings): Invalid input: expected object'],
];

describe('a wrong setting', () => {
  it.each(wrong)('stops with its name: %s', (_what, settings, message) => {
    expect(() => checkSettings(settings, 'settings.yaml')).toThrow(SettingsError);
    expect(() => checkSettings(settings, 'settings.yaml')).toThrow(`wrong settings in settings.yaml:\n  ${message}`);
  });

  it('does not hide another one', () => {
    const both = { minIntervalSeconds: 0, shards: 0 };
    expect(() => checkSettings(both, 'a file')).toThrow(/minIntervalSeconds: .*\n {2}shards: /);
  });

  it.each([
    '127.0.0.1/32',
    '126.0.0.0/7',
    '0.0.0.0/0',
    '0.1.0.0/16',
    '169.254.169.254/32',
    '168.0.0.0/5',
    '::1/128',
    '::/0',
    'fe90::/16',
    '::ffff:7f00:1/128',
  ])('may be a range that opens loopback or link-local addresses: %s', (range) => {
    expect(() => checkSettings(inVpc(range), 'a file')).toThrow(
      'network.allowedRanges.0: must not open loopback or link-local',
    );
  });

  it.each(['10.0.0.0/8', '172.16.0.0/12', '192.168.7.0/24', '100.64.0.0/10', 'fd00::/8'])(
    'is not a private range in a VPC: %s',
    (range) => {
      expect(checkSettings(inVpc(range), 'a file').network.allowedRanges).toEqual([range]);
    },
  );

  it('is a file that is not there, or that is no YAML', () => {
    expect(() => readSettings('no-such-file.yaml')).toThrow(/no-such-file\.yaml cannot be read: ENOENT/);
    const source = fileURLToPath(import.meta.url);
    expect(() => readSettings(source)).toThrow(`${source} cannot be read`);
  });
});

describe('settings', () => {
  it('may open private ranges for a VPC that the app brings along', () => {
    const network = { allowedRanges: ['10.0.0.0/8'] };
    expect(checkSettings({ network }, 'an app', { hasVpc: true }).network.allowedRanges).toEqual(['10.0.0.0/8']);
  });

  it('are safe when nothing is said: nobody told, nothing restarted, no private address', () => {
    expect(checkSettings(undefined, 'nothing')).toEqual({
      regions: [],
      alerts: {
        ...{ email: [], sms: [], https: [], webhooks: [], smsMonthlyLimit: 100, groupSeconds: 60 },
        escalation: { email: [], sms: [] },
      },
      operators: { email: [] },
      ecsState: { clusters: [] },
      discovery: { clusters: [] },
      restart: {
        ...{ clusters: [], instances: false, tag: { key: 'lamplighter', value: 'restart' } },
        ...{ storm: { share: 0.3, least: 5, cooldownSeconds: 120 }, maxAtOnce: 5 },
      },
      network: { subnetIds: [], allowedRanges: [] },
      api: { ratePerSecond: 20, burst: 40 },
      minIntervalSeconds: 10,
      shards: 16,
      retentionDays: 30,
      rollupRetentionDays: 400,
      auditRetentionDays: 365,
      logRetentionDays: 30,
      dashboard: false,
    });
  });

  it.each(['eu-central-1', 'ap-southeast-7', 'us-gov-west-1', 'us-isob-east-1', 'mx-central-1', 'eusc-de-east-1'])(
    'may name a region of any partition: %s',
    (region) => {
      expect(checkSettings({ regions: [region], network: vpc }, 'a file').regions).toEqual([region]);
    },
  );

  it('send text messages for what is critical, unless more is wanted', () => {
    const { sms } = checkSettings({ alerts: { sms: [{ number: '+4915112345678' }] } }, 'a file').alerts;
    expect(sms).toEqual([{ number: '+4915112345678', levels: ['critical'] }]);
  });

  it('may filter by as much as SNS takes', () => {
    const filter = { levels: ['info', 'error'], projects: many(15), tags: tags(5) };
    expect(checkSettings({ alerts: { webhooks: [{ ...hook, ...filter }] } }, 'a file').alerts.webhooks).toEqual([
      { ...hook, ...filter },
    ]);
  });

  it('are all in the example file, each with a comment above it', () => {
    const settings = readSettings(example);
    const defaults = checkSettings({}, 'nothing');
    const names = (value: object, path = ''): string[] =>
      Object.entries(value).flatMap(([key, inner]) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? names(inner as object, `${path}${key}.`)
          : [`${path}${key}`],
      );
    const people = ['secret', 'ratePerSecond', 'burst', 'reservedConcurrency'].map((name) => `api.basic.${name}`);
    const quietHours = ['from', 'to', 'timeZone', 'levels'].map((name) => `alerts.quietHours.${name}`);
    const optional = [
      'alerts.eventBus',
      'network.vpcId',
      'api.jwt.issuer',
      'api.jwt.audience',
      ...people,
      ...quietHours,
    ];
    expect(names(settings).sort()).toEqual([...names(defaults), ...optional].sort());
    const lines = readFileSync(example, 'utf8').split('\n');
    const bare = lines.filter(
      (line, index) => /^ {0,2}[a-z]\w*:/i.test(line) && !/^\s*#/.test(lines[index - 1] ?? '') && !line.includes('#'),
    );
    expect(bare).toEqual([]);
  });
});
