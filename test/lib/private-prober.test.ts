// With a VPC there are two probe functions: the public one stays outside, the private one has queue, ranges and rights.
import { readFileSync } from 'node:fs';

import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, it } from 'vitest';

import { functionEnv } from '../../lambdas/contract/env.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';
import { Lamplighter } from '../../lib/lamplighter.ts';
import { everything, nameOf, resourcesOf, rightsByRole, shown, synthesize } from './synthesized.ts';

const network = { vpcId: 'vpc-0abc1234', subnetIds: ['subnet-0abc1234'], allowedRanges: ['10.0.0.0/8'] };
const outside = synthesize(everything);
const inside = synthesize({ ...everything, network });
const [PUBLIC, PRIVATE] = ['<FunctionsProbeFunction>', '<FunctionsProbePrivateFunction>'] as const;

type Lambda = Record<'Timeout' | 'MemorySize', number> & {
  Code: object;
  VpcConfig?: { SubnetIds: string[] };
  Environment: { Variables: Record<string, unknown> };
};
const propertiesOf = <T>(synthesized: typeof inside, type: string) =>
  Object.fromEntries(
    resourcesOf(synthesized, type).map(([id, { Properties }]) => [nameOf(id), Properties as unknown as T]),
  );
const lambdas = propertiesOf<Lambda>(inside, 'AWS::Lambda::Function');
const variablesOf = (name: string) =>
  Object.fromEntries(
    Object.entries(lambdas[name]?.Environment.Variables ?? {}).map(([key, value]) => [key, shown(value)]),
  );
const names = (synthesized: typeof inside, type: string) => resourcesOf(synthesized, type).map(([id]) => nameOf(id));

describe('the second probe function', () => {
  it('comes with a VPC and its queue, its dead letters and two alarms, and otherwise nothing of it is there', () => {
    const more = (type: string) => {
      const before = new Set(names(outside, type));
      return names(inside, type).filter((name) => !before.has(name));
    };
    expect(more('AWS::Lambda::Function')).toEqual([PRIVATE]);
    expect(more('AWS::SQS::Queue').sort()).toEqual(['<PrivateProbeQueue>', '<PrivateProbeQueueDeadLetters>']);
    expect(more('AWS::CloudWatch::Alarm').sort()).toEqual([
      '<SelfWatchPrivateProbeDeadLetters>',
      '<SelfWatchProbePrivateErrors>',
    ]);
    expect(JSON.stringify(outside.template.toJSON())).not.toMatch(/ProbePrivate|PrivateProbe/);
    expect(names(outside, 'AWS::CloudWatch::Alarm')).toHaveLength(19);
  });

  it('is the same code with the same time and memory, and it alone is inside', () => {
    const { Code, Timeout, MemorySize, VpcConfig } = lambdas[PRIVATE]!;
    expect({ Code, Timeout, MemorySize }).toEqual({
      Code: lambdas[PUBLIC]!.Code,
      Timeout: lambdas[PUBLIC]!.Timeout,
      MemorySize: lambdas[PUBLIC]!.MemorySize,
    });
    expect(VpcConfig?.SubnetIds).toEqual(['subnet-0abc1234']);
    expect(lambdas[PUBLIC]).not.toHaveProperty('VpcConfig');
  });

  it('works off its own queue, whose dead letters are watched', () => {
    type Mapping = { EventSourceArn: unknown; FunctionName: unknown };
    const mappings = Object.values(propertiesOf<Mapping>(inside, 'AWS::Lambda::EventSourceMapping'));
    const read = mappings.map(({ EventSourceArn, FunctionName }) => [shown(EventSourceArn), shown(FunctionName)]);
    expect(Object.fromEntries(read)).toMatchObject({ '<PrivateProbeQueue>': PRIVATE, '<ProbeQueue>': PUBLIC });
    type Queue = { VisibilityTimeout: number; RedrivePolicy: { deadLetterTargetArn: unknown } };
    const queue = propertiesOf<Queue>(inside, 'AWS::SQS::Queue')['<PrivateProbeQueue>']!;
    expect(shown(queue.RedrivePolicy.deadLetterTargetArn)).toBe('<PrivateProbeQueueDeadLetters>');
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * lambdas[PRIVATE]!.Timeout);
  });
});

describe('what the functions are told', () => {
  it('is exactly what they read, and each of the two probe functions knows itself and the other', () => {
    for (const name of [PUBLIC, PRIVATE]) {
      expect(Object.keys(variablesOf(name)).sort(), name).toEqual([...functionEnv.probe].sort());
      const filled = Object.entries(variablesOf(name)).map(([key, value]) =>
        key.endsWith('_URL') ? [key, 'https://sqs.example.com/1/q'] : [key, value],
      );
      expect(() => readEnv(functionEnv.probe, Object.fromEntries(filled)), name).not.toThrow();
    }
    expect(variablesOf(PUBLIC)).toMatchObject({
      LAMPLIGHTER_NETWORK: 'public',
      LAMPLIGHTER_PROBE_QUEUE_URL: '<ProbeQueue>',
      LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: '<PrivateProbeQueue>',
    });
    expect(variablesOf(PRIVATE)).toMatchObject({
      LAMPLIGHTER_NETWORK: 'private',
      LAMPLIGHTER_PROBE_QUEUE_URL: '<PrivateProbeQueue>',
      LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: '<ProbeQueue>',
    });
  });

  it('opens the private ranges for the one inside alone, and for those who check registrations', () => {
    const ranges = (name: string) => variablesOf(name)['LAMPLIGHTER_ALLOWED_RANGES'];
    expect([ranges(PUBLIC), ranges(PRIVATE)]).toEqual(['', '10.0.0.0/8']);
    for (const name of ['<FunctionsApiFunction>', '<FunctionsRegisterFunction>'])
      expect(variablesOf(name)).toMatchObject({
        LAMPLIGHTER_ALLOWED_RANGES: '10.0.0.0/8',
        LAMPLIGHTER_NETWORKS: 'public,private',
      });
  });

  it('says that there is one prober where there is one', () => {
    const [[, api] = []] = resourcesOf(outside, 'AWS::Lambda::Function').filter(([id]) => /FunctionsApi/.test(id));
    expect((api!.Properties as unknown as Lambda).Environment.Variables).toMatchObject({
      LAMPLIGHTER_NETWORKS: 'public',
    });
    const [[, probe] = []] = resourcesOf(outside, 'AWS::Lambda::Function').filter(([id]) => /FunctionsProbe/.test(id));
    expect((probe!.Properties as unknown as Lambda).Environment.Variables).toMatchObject({
      ...{ LAMPLIGHTER_NETWORK: 'public', LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: '', LAMPLIGHTER_ALLOWED_RANGES: '' },
    });
  });

  it('still sends api, register, restart and what they hand on to the public queue', () => {
    for (const name of ['Schedule', 'Api', 'Register', 'Restart'])
      expect(variablesOf(`<Functions${name}Function>`)).toMatchObject({ LAMPLIGHTER_PROBE_QUEUE_URL: '<ProbeQueue>' });
  });
});

describe('the rights', () => {
  it('of the two are the same but for queue, log and network interfaces; schedule may send to both', () => {
    const [before, after] = [rightsByRole(outside), rightsByRole(inside)];
    const own = (name: string) =>
      name.replaceAll('ProbePrivate', 'Probe').replaceAll('PrivateProbeQueue', 'ProbeQueue');
    const right = 'sqs:SendMessage <PrivateProbeQueue>';
    const plain = (lines: string[] = []) =>
      lines.filter((line) => !line.startsWith('ec2:') && !/SendMessage/.test(line));
    expect(plain(after['<FunctionsProbePrivateRole>']).map(own).sort()).toEqual(
      plain(after['<FunctionsProbeRole>']).sort(),
    );
    const sends = (lines: string[] = []) => lines.filter((line) => /SendMessage/.test(line));
    expect(sends(after['<FunctionsProbePrivateRole>'])).toEqual(sends(after['<FunctionsProbeRole>']));
    expect(after['<FunctionsProbeRole>']).toEqual([...before['<FunctionsProbeRole>']!, right].sort());
    expect(after['<FunctionsScheduleRole>']).toEqual([...before['<FunctionsScheduleRole>']!, right].sort());
    for (const role of Object.keys(before).filter((one) => !/Probe|Schedule/.test(one)))
      expect(after[role], role).toEqual(before[role]);
  });
});

describe('a VPC of your own app', () => {
  it('does the same as one that the settings name, with its ranges in the settings', () => {
    const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Mine');
    const probeVpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    const { functions } = new Lamplighter(stack, 'Lamplighter', {
      probeVpc,
      settings: { network: { allowedRanges: ['10.0.0.0/16'] } },
    });
    expect(functions.probePrivate?.lambda.isBoundToVpc).toBe(true);
    expect(functions.probe.lambda.isBoundToVpc).toBe(false);
  });
});

describe('the runbook', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

  it.each(['ProbePrivateErrors', 'PrivateProbeDeadLetters'])('has a whole chapter for %s', (name) => {
    const alarms = propertiesOf<{ AlarmDescription: string }>(inside, 'AWS::CloudWatch::Alarm');
    expect(alarms[`<SelfWatch${name}>`]?.AlarmDescription).toMatch(new RegExp(`#${name.toLowerCase()}$`));
    const chapter = runbook.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    for (const part of ['Impact', 'First look', 'Fix', 'Silence']) expect(chapter).toContain(`**${part}**`);
    expect(chapter).toMatch(/```sh\n(aws|metric|errors|letters) /);
  });
});
