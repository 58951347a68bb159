// Alarms that could never fire are worse than none: each is held against what the code emits and the runbook says.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, it } from 'vitest';

import { METRIC_NAMESPACE, metricNames } from '../../lambdas/contract/metrics.ts';
import { everything, nameOf, resourcesOf, shown, synthesize } from './synthesized.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

type Dimension = { Name: string; Value: unknown };
type Metric = { Namespace: string; MetricName: string; Dimensions?: Dimension[] };
type Alarm = Partial<Metric> & {
  AlarmDescription: string;
  AlarmActions?: unknown[];
  OKActions?: unknown[];
  TreatMissingData: string;
  Period?: number;
  EvaluationPeriods: number;
  Metrics?: { Expression?: string; MetricStat?: { Metric: Metric; Period: number } }[];
};

const full = synthesize({ ...everything, api: { basic: {} } });
const alarms: [name: string, alarm: Alarm][] = resourcesOf(full, 'AWS::CloudWatch::Alarm').map(
  ([id, { Properties }]) => [nameOf(id).replace(/^<SelfWatch|>$/g, ''), Properties as unknown as Alarm],
);
const metricsOf = ({ Metrics, Namespace, MetricName, Dimensions }: Alarm): Metric[] =>
  Namespace && MetricName
    ? [{ Namespace, MetricName, ...(Dimensions && { Dimensions }) }]
    : (Metrics ?? []).flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
const ours = alarms.flatMap(([, alarm]) => metricsOf(alarm)).filter(({ Namespace }) => !Namespace.startsWith('AWS/'));

type Embedded = Record<string, unknown> & {
  _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
};
/** What CloudWatch makes of the lines that the real adapter prints: names, each with namespace and dimensions. */
const emitted = new Map<string, { Namespace: string; Dimensions: Record<string, unknown>[] }>();

beforeAll(async () => {
  const adapter = new URL('../../lambdas/adapters/emf-metrics.ts', import.meta.url).href;
  const calls = Object.values(metricNames).map((name) => `metrics.count('${name}');`);
  const program = `const { createEmfMetrics } = await import('${adapter}'); const metrics = createEmfMetrics(); ${calls.join('')} metrics.flush();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  for (const line of stdout.split('\n').filter((text) => text.includes('"_aws"'))) {
    const document = JSON.parse(line) as Embedded;
    for (const { Namespace, Dimensions, Metrics } of document._aws.CloudWatchMetrics)
      for (const { Name } of Metrics)
        emitted.set(Name, {
          Namespace,
          Dimensions: Dimensions.map((set) => Object.fromEntries(set.map((key) => [key, document[key]]))),
        });
  }
});

describe('every alarm', () => {
  it('is one of these', () => {
    expect(alarms.map(([name]) => name).sort()).toEqual([
      'AlertDeadLetters',
      'AlertErrors',
      'ApiErrors',
      'ApiServerErrors',
      'AuthorizeErrors',
      'Coverage',
      'FaultyItems',
      'Lateness',
      'OldestIntent',
      'PeopleApiServerErrors',
      'ProbeDeadLetters',
      'ProbeErrors',
      'RegisterErrors',
      'RestartDeadLetters',
      'RestartErrors',
      'RollupErrors',
      'RoundsMissing',
      'ScheduleErrors',
      'TickDeadLetters',
      'UndeliveredDeadLetters',
      'UnknownVerdicts',
    ]);
  });

  it.each(alarms)('calls the operators, and tells them when it is over: %s', (_name, { AlarmActions, OKActions }) => {
    expect(AlarmActions?.map(shown)).toEqual(['<SelfWatchTopic>']);
    expect(OKActions?.map(shown)).toEqual(['<SelfWatchTopic>']);
  });

  it.each(alarms)('says what it means and which chapter of the runbook helps: %s', (name, { AlarmDescription }) => {
    const [, impact = '', file = '', anchor = ''] = /^(.+\.) What to do: (\S+)#(\S+)$/.exec(AlarmDescription) ?? [];
    expect(impact.length).toBeGreaterThan(20);
    expect(anchor).toBe(name.toLowerCase());
    const [, chapter = ''] = read(file).split(new RegExp(`^## ${name}$`, 'm'));
    const text = chapter.split(/^## /m)[0] ?? '';
    for (const part of ['Impact', 'First look', 'Fix', 'Silence'])
      expect(text, `${name}: ${part}`).toContain(`**${part}**`);
    expect(text).toMatch(/```sh\n(aws|metric|errors|letters) /);
  });

  it.each(alarms)('looks every minute: %s', (_name, { Period, Metrics }) => {
    const periods = [Period, ...(Metrics ?? []).map(({ MetricStat }) => MetricStat?.Period)];
    expect([...new Set(periods.filter((period) => period !== undefined))]).toEqual([60]);
  });

  it('takes silence for trouble where silence means that the rounds have stopped, and only there', () => {
    const breaching = alarms.filter(([, { TreatMissingData }]) => TreatMissingData === 'breaching');
    expect(breaching.map(([name]) => name)).toEqual(['RoundsMissing']);
    for (const [, { TreatMissingData }] of alarms) expect(TreatMissingData).toMatch(/^(breaching|notBreaching)$/);
  });
});

describe('an alarm on our own metrics', () => {
  it('uses a name, a namespace and a dimension that the code really emits', () => {
    expect(ours.length).toBeGreaterThanOrEqual(7);
    for (const { Namespace, MetricName, Dimensions = [] } of ours) {
      const wanted = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
      expect(emitted.get(MetricName), MetricName).toEqual({ Namespace, Dimensions: [wanted] });
    }
  });

  it('and every metric there is, stands on a flow that emits it', () => {
    const flows = readdirSync(join(root, 'lambdas'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('contract/') && !file.startsWith('adapters/'))
      .map((file) => read(`lambdas/${file}`))
      .join('\n');
    const lost = Object.keys(metricNames).filter((key) => !new RegExp(`\\bmetricNames\\.${key}\\b`).test(flows));
    expect(lost).toEqual([]);
    expect(emitted.size).toBe(Object.keys(metricNames).length);
  });

  it('is printed by every function whose flow counts something: its handler flushes', () => {
    const flushing = ['schedule', 'probe', 'alert'];
    for (const name of flushing) expect(read(`lambdas/${name}/handler.ts`)).toContain('metrics.flush');
    const counting = readdirSync(join(root, 'lambdas'), { withFileTypes: true })
      .filter((folder) => folder.isDirectory() && !['contract', 'adapters'].includes(folder.name))
      .filter(({ name }) =>
        readdirSync(join(root, 'lambdas', name), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .some((file) => read(`lambdas/${name}/${file}`).includes('metricNames')),
      )
      .map(({ name }) => name);
    expect(counting.sort()).toEqual(flushing.sort());
  });
});

describe('an alarm on what AWS measures', () => {
  it('names a function or a queue of this stack, by the dimension that AWS uses', () => {
    const theirs = alarms.flatMap(([name, alarm]) => metricsOf(alarm).map((metric) => [name, metric] as const));
    const watched = theirs
      .filter(([, { Namespace }]) => Namespace !== METRIC_NAMESPACE)
      .map(([name, { Namespace, MetricName, Dimensions }]) => [
        name,
        Namespace,
        MetricName,
        Dimensions?.map(({ Name, Value }) => `${Name}=${shown(Value)}`).join(),
      ]);
    const functions = resourcesOf(full, 'AWS::Lambda::Function').map(([id]) => nameOf(id));
    for (const name of functions)
      expect(watched).toContainEqual([
        `${name.replace(/^<Functions|Function>$/g, '')}Errors`,
        'AWS/Lambda',
        'Errors',
        `FunctionName=${name}`,
      ]);
    const ends = resourcesOf(full, 'AWS::SQS::Queue')
      .map(([id]) => nameOf(id))
      .filter((name) => /DeadLetters|Undelivered/.test(name));
    for (const name of ends)
      expect(watched).toContainEqual([
        `${name.replace(/^<(AlertTopic)?|(Queue)?(DeadLetters)?>$/g, '')}DeadLetters`,
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        `QueueName=${name}`,
      ]);
    expect(watched).toContainEqual(['ApiServerErrors', 'AWS/ApiGateway', '5xx', expect.stringMatching(/^ApiId=<Http/)]);
    expect(watched).toContainEqual([
      ...['PeopleApiServerErrors', 'AWS/ApiGateway', '5xx', expect.stringMatching(/^ApiId=<People/)],
    ]);
    expect(watched).toHaveLength(functions.length + ends.length + 2);
  });
});
