// What the deployment's documents say, held against the code: prices, names of resources, registrations.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { routes } from '../../lambdas/contract/routes.ts';
import { censusMark, takeCensus } from '../../lambdas/core/health/census.ts';
import { registrationSchema, toService } from '../../lambdas/core/model/service.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { SERVICES_PER_PACK } from '../../lambdas/core/rounds/packs.ts';
import { standardDocuments } from '../../lib/documents.ts';
import { checkSettings } from '../../lib/settings.ts';
import { type AsBuilt, assumed, busMonthOf, type Month, monthOf } from './price-model.ts';
import { everything, nameOf, resourcesOf, synthesize } from './synthesized.ts';

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
const deploy = read('deploy.md');
const full = synthesize(everything);

const memoryGb = (name: string) => {
  const found = resourcesOf(full, 'AWS::Lambda::Function').find(([id]) => nameOf(id) === `<Functions${name}Function>`);
  return Number((found?.[1].Properties as unknown as { MemorySize: number }).MemorySize) / 1_024;
};
const alarms = resourcesOf(full, 'AWS::CloudWatch::Alarm').map(
  ([, { Properties }]) => Properties as { Metrics?: { MetricStat?: unknown }[] },
);
/** Emitted in every round, so billed for the whole month: by the schedule and by every pack. */
const ALWAYS = ['duration', 'rounds', 'lateness', 'faultyItems', 'due', 'checked', 'unknown'];

const built: AsBuilt = {
  probeGb: memoryGb('Probe'),
  scheduleGb: memoryGb('Schedule'),
  rollupGb: memoryGb('Rollup'),
  queues: resourcesOf(full, 'AWS::Lambda::EventSourceMapping').length,
  metrics: ALWAYS.length,
  alarmMetrics: alarms.reduce((sum, { Metrics }) => sum + (Metrics?.filter((m) => m.MetricStat).length ?? 1), 0),
  retentionDays: checkSettings({}, 'defaults').retentionDays,
  rollupRetentionDays: checkSettings({}, 'defaults').rollupRetentionDays,
};

describe('the prices', () => {
  it.each([10, 100, 1_000, 10_000])('are what the constants come to: %i services', (services) => {
    const row = deploy
      .split('\n')
      .find((line) => line.replaceAll(' ', '').startsWith(`|${services.toLocaleString('en-US')}|`));
    const cells = (row ?? '').replaceAll('*', '').split('|').slice(2, -1);
    const month = monthOf(services, built);
    const keys = ['packs', 'lambda', 'queues', 'table', 'logs', 'alerts', 'fixed', 'total'] satisfies (keyof Month)[];
    const expected = keys.map((key) => (key === 'packs' ? String(month.packs) : month[key].toFixed(2)));
    expect(cells.map((cell) => cell.trim())).toEqual(expected);
  });

  it('count the alarms, queues and memory that are built, as the text says', () => {
    expect(built).toMatchObject({
      probeGb: 1,
      scheduleGb: 0.25,
      rollupGb: 0.5,
      queues: 3,
      alarmMetrics: 20,
      retentionDays: 30,
    });
    expect(alarms).toHaveLength(19);
    expect(deploy).toContain('(19 alarms, of which coverage has two)');
    expect(deploy).toContain(`up to ${SERVICES_PER_PACK} services of whole shards`);
  });

  it('name what an event bus costs', () => {
    const { transitions, entriesPerTransition } = assumed;
    const words = `N · ${transitions} transitions · ${entriesPerTransition} entries · $1.00/M`;
    expect(deploy).toContain(`\`alerts.eventBus\` (${words}: $${busMonthOf(1_000).toFixed(2)} for 1,000 services)`);
  });

  it('count the metrics that every round emits', () => {
    const source = ['probe/probe-pack.ts', 'probe/shard-visit.ts', 'probe/save-row.ts', 'schedule/pack-round.ts']
      .map((file) => readFileSync(new URL(`../../lambdas/${file}`, import.meta.url), 'utf8'))
      .join('');
    const used = [...source.matchAll(/metricNames\.(\w+)/g)].map(([, key]) => key);
    expect([...new Set(used)].filter((key) => key !== 'oldestIntent' && key !== 'down').sort()).toEqual(
      [...ALWAYS].sort(),
    );
  });

  it('assume counts of a shard that are not smaller than usual ones', () => {
    const tags = { team: 'payments', tier: '1', region: 'eu', stage: 'prod' };
    const services = ['erp', 'shop', 'crm', 'hr', 'web'].map((project) =>
      toService(registrationSchema.parse({ id: project, project, tags, probe: { kind: 'heartbeat' } })),
    );
    const seen = services.map((service) => ({ service, isFailing: false }));
    const groups = takeCensus(seen);
    expect(Object.keys(groups)).toHaveLength(10);
    const counted = { pk: 'FLEET', sk: 'SHARD#07', shard: 7, services: 63, privateServices: 0, unhealthy: 0 };
    const item = { ...counted, fastestSeconds: 60, version: 99, census: censusMark(seen), groups };
    expect(JSON.stringify(item).length).toBeLessThan(assumed.countBytes);
  });

  it('assume an item that is not smaller than a usual one', () => {
    const [, document = ''] =
      /```json\n([\s\S]*?)```/.exec(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')) ?? [];
    const spec = JSON.parse(document) as object;
    const state = freshState(Date.now());
    expect(JSON.stringify({ pk: 'SHARD#07', sk: 'default#billing-api', spec, state, version: 9 }).length).toBeLessThan(
      assumed.itemBytes,
    );
  });
});

/** With the resources that the default stack does not have. */
const inVpc = synthesize({
  ...everything,
  network: { vpcId: 'vpc-0abc1234', subnetIds: ['subnet-0abc1234'] },
  api: { basic: {} },
  alerts: { webhooks: [{ name: 'chat', format: 'slack', secret: 'lamplighter/alerts/chat' }] },
  discovery: { clusters: ['prod'] },
  ecsState: { clusters: ['prod'] },
});

describe('the commands', () => {
  const runbook = read('runbook.md');

  it('name resources that there are, each exactly one', () => {
    const asked = [...runbook.matchAll(/name (AWS::\w+::\w+) (\w+)/g)].map(([, type = '', prefix = '']) => ({
      type,
      prefix,
    }));
    const helpers = [
      ...[...runbook.matchAll(/errors (\w+)/g)].map(([, prefix = '']) => ({ type: 'AWS::Logs::LogGroup', prefix })),
      ...[...runbook.matchAll(/letters (\w+Dead\w+|\w+Undelivered)/g)].map(([, prefix = '']) => ({
        type: 'AWS::SQS::Queue',
        prefix,
      })),
    ];
    expect(asked.length + helpers.length).toBeGreaterThan(40);
    for (const { type, prefix } of [...asked, ...helpers]) {
      const found = resourcesOf(inVpc, type).filter(([id]) => id.startsWith(`Lamplighter${prefix}`));
      // The probe queue and its dead letters begin alike; the runbook sorts them out.
      expect(found, `${type} ${prefix}`).toHaveLength(prefix === 'ProbeQueue' ? 2 : 1);
    }
  });

  it('ask only for routes that there are', () => {
    const calls = [...`${runbook}${deploy}`.matchAll(/^(?:.*`)?api ([A-Z]+) '?(\/[\w/-]*)/gm)];
    expect(calls.length).toBeGreaterThan(5);
    for (const [, method, path = ''] of calls)
      expect(routes).toContain(`${method} ${path.replace(/^\/services\/[\w-]+/, '/services/{id}')}`);
  });

  it('register what is accepted', () => {
    const registered = [...deploy.matchAll(/api PUT \/services\/([\w-]+) -d '([^']+)'/g)];
    expect(registered.map(([, id]) => id)).toEqual(['billing', 'first-alert']);
    const documents = standardDocuments.map(({ name }) => name);
    const limits = { minIntervalSeconds: 10, allowedRanges: [], documents, networks: ['public' as const] };
    for (const [, id, body = ''] of registered)
      expect(checkRegistration({ id, ...(JSON.parse(body) as object) }, limits)).toMatchObject({ kind: 'good' });
  });

  it('show settings that are accepted, those for people among them', () => {
    const shown = [...deploy.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, settings = '']) =>
      checkSettings(parse(settings), 'deploy.md'),
    );
    expect(shown.filter(({ api }) => api.basic).map(({ api }) => api.basic?.secret)).toEqual([
      'lamplighter/api/people',
    ]);
  });

  it('begin with settings that are accepted', () => {
    const [, settings = ''] = /```yaml\n([\s\S]*?)```/.exec(deploy) ?? [];
    expect(checkSettings(parse(settings), 'deploy.md')).toMatchObject({ restart: { clusters: ['prod'] } });
  });
});
