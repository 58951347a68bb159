// The drill as people start it: a process of its own, with the real SDK clients, against an endpoint on loopback.
import { execFile } from 'node:child_process';

import { afterEach, describe, expect, it } from 'vitest';

import { type Endpoint, openEndpoint, REFUSAL, type Subscription, TOPIC } from './alarm-endpoint.ts';

const root = new URL('../..', import.meta.url).pathname;
const rounds = { AlarmName: 'Lamplighter-RoundsMissing', StateValue: 'OK', AlarmActions: [TOPIC] };
const confirmed: Subscription = { arn: `${TOPIC}:1`, protocol: 'email', endpoint: 'ops@example.com' };
const pending: Subscription = { arn: 'PendingConfirmation', protocol: 'email', endpoint: 'new@example.com' };

let endpoint: Endpoint | undefined;
afterEach(async () => await endpoint?.close());

type Ended = { code: number; stdout: string; stderr: string };
async function drill(given: Parameters<typeof openEndpoint>[0], ...args: string[]): Promise<Ended> {
  endpoint = await openEndpoint(given);
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const all = ['scripts/drill.ts', '--region', 'eu-central-1', ...args];
  return await new Promise((resolve) => {
    execFile(process.execPath, all, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
const stateOf = (name: string) => endpoint?.alarms.find(({ AlarmName }) => AlarmName === name);

describe('a drill', () => {
  it('ends well when CloudWatch told the topic, and says what must now be in which mailbox', async () => {
    const queue = { arn: `${TOPIC}:2`, protocol: 'sqs', endpoint: 'arn:aws:sqs:eu-central-1:123456789012:tickets' };
    const { code, stdout, stderr } = await drill({ alarms: [{ ...rounds }], subscriptions: [confirmed, queue] });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'set to ALARM; waiting up to 120 s for CloudWatch to call the topic\n',
    });
    expect(stdout).toContain('Alarm  Lamplighter-RoundsMissing in eu-central-1, OK');
    expect(stdout).toMatch(/email {2}ops@example\.com +confirmed/);
    expect(stdout).toMatch(/Done {3}CloudWatch told the topic at \d{4}-/);
    expect(stdout).toContain('look into the mailbox: ops@example.com\n');
    expect(stdout).toContain('subject begins ALARM: "Lamplighter-RoundsMissing"');
    expect(stdout).toContain('The same was sent to: arn:aws:sqs:');
    expect(stdout).toContain('returns to its true state by itself');
    expect(stateOf('Lamplighter-RoundsMissing')).toMatchObject({
      StateValue: 'ALARM',
      StateReason: expect.stringMatching(/^This is a drill, nothing is wrong \([\w-]{36}\)\.$/),
    });
  });

  it('takes another stack and another alarm', async () => {
    const alarms = [{ ...rounds }, { ...rounds, AlarmName: 'Lamplighter-eu-central-1-TickDeadLetters' }];
    const options = ['--stack', 'Lamplighter-eu-central-1', '--alarm', 'TickDeadLetters'];
    expect(await drill({ alarms, subscriptions: [confirmed] }, ...options)).toMatchObject({ code: 0 });
    expect(stateOf('Lamplighter-eu-central-1-TickDeadLetters')?.StateValue).toBe('ALARM');
    expect(stateOf('Lamplighter-RoundsMissing')?.StateValue).toBe('OK');
  });

  it('goes on when only some are confirmed, and says how the others can be', async () => {
    const { code, stdout, stderr } = await drill({ alarms: [{ ...rounds }], subscriptions: [pending, confirmed] });
    expect(code).toBe(0);
    expect(stdout).toMatch(/ops@example\.com +confirmed\n.*new@example\.com +NOT CONFIRMED/);
    expect(stdout).toContain('mailbox: ops@example.com\n');
    expect(stderr).toContain(`aws sns subscribe --topic-arn ${TOPIC} --protocol email --notification-endpoint new@`);
    expect(stderr).not.toContain('--notification-endpoint ops@');
  });
});

describe('a drill that would tell nobody', () => {
  const good = [{ ...rounds }];
  const cases: [what: string, given: Parameters<typeof openEndpoint>[0], message: string][] = [
    [
      'there is no such alarm',
      { alarms: [{ ...rounds, AlarmName: 'Lamplighter-Lateness' }], subscriptions: [confirmed] },
      'There is no alarm Lamplighter-RoundsMissing in eu-central-1, but these: Lateness.',
    ],
    [
      'there is no such stack',
      { alarms: [{ ...rounds, AlarmName: 'Other-RoundsMissing' }], subscriptions: [confirmed] },
      'and none of that stack at all. Are --stack, --region and the account right?',
    ],
    ['nobody is subscribed', { alarms: good, subscriptions: [] }, 'Name people under operators.email in the settings'],
    [
      'nobody is confirmed',
      { alarms: good, subscriptions: [pending] },
      'Nobody would be told. Follow the link in the mail "AWS Notification - Subscription Confirmation".',
    ],
    [
      'the alarm is silenced',
      { alarms: [{ ...rounds, ActionsEnabled: false }], subscriptions: [confirmed] },
      'aws cloudwatch enable-alarm-actions --alarm-names Lamplighter-RoundsMissing',
    ],
    [
      'the alarm calls no topic',
      { alarms: [{ ...rounds, AlarmActions: [] }], subscriptions: [confirmed] },
      'calls no topic',
    ],
    [
      'the alarm is on already',
      { alarms: [{ ...rounds, StateValue: 'ALARM', StateReason: 'no data' }], subscriptions: [confirmed] },
      'Lamplighter-RoundsMissing is in ALARM already (no data): people are told of a change only.',
    ],
  ];
  it.each(cases)('sets nothing off and says what to do: %s', async (_what, given, message) => {
    const { code, stdout, stderr } = await drill(given);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
    expect(stdout).not.toContain('Done');
    expect(endpoint?.history).toEqual([]);
  });
});

describe('a drill that CloudWatch did not carry out', () => {
  const given = { alarms: [{ ...rounds }], subscriptions: [confirmed] };
  it('fails with the reason that the history gives', async () => {
    const { code, stdout, stderr } = await drill({ ...given, alarms: [{ ...rounds }], action: 'failed' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(REFUSAL) });
    expect(stderr).toContain('does not admit CloudWatch; deploy again');
    expect(stdout).not.toContain('Done');
  });

  it.each(['none', 'for the all-clear only'] as const)(
    'fails when the time is over: the action is %s',
    async (action) => {
      const { code, stdout, stderr } = await drill({ ...given, alarms: [{ ...rounds }], action }, '--wait', '2');
      expect(code).toBe(1);
      expect(stderr).toContain('After 2 s the history has the new state, the topic was not called yet.');
      expect(stdout).not.toContain('Done');
    },
  );
});

describe('a drill that cannot begin', () => {
  it.each([
    [['--wait', 'soon'], 'must be a whole number of seconds from 1 to 900'],
    [['--alarms'], "unknown option '--alarms'"],
    [['RoundsMissing'], 'too many arguments'],
  ])('stops at %o', async (args, message) => {
    const { code, stderr } = await drill({ alarms: [{ ...rounds }], subscriptions: [confirmed] }, ...args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
    expect(endpoint?.history).toEqual([]);
  });

  it('says what AWS says, in one line', async () => {
    const given = { alarms: [{ ...rounds }], subscriptions: [confirmed] };
    const { code, stderr } = await drill(given, '--region', 'not a region');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The drill failed\. .+\n$/);
  });
});
