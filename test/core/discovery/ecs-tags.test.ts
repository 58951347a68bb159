import { describe, expect, it } from 'vitest';

import { readTags, targetGroupsOf } from '../../../lambdas/core/discovery/ecs-tags.ts';
import { registration } from '../../fakes/registrations.ts';
import { seenService, tagRules } from '../../make/discovery.ts';

const url = 'https://shop.example.com/health';
const read = (tags: Record<string, string>, more: Parameters<typeof seenService>[1] = {}, rules = tagRules()) =>
  readTags(seenService(tags, more), rules);
const document = (...of: Parameters<typeof read>) => {
  const reading = read(...of);
  if (reading.kind !== 'wanted') throw new Error(JSON.stringify(reading));
  return reading.document;
};
const faults = (...of: Parameters<typeof read>) => {
  const reading = read(...of);
  if (reading.kind !== 'faulty') throw new Error(reading.kind);
  return reading.faults.map(({ tag, message }) => `${tag} ${message}`);
};

describe('the tags of an ECS service', () => {
  it('ask for nothing without an address, whatever else there is', () => {
    expect(read({})).toEqual({ kind: 'untagged' });
    expect(read({ team: 'shop', 'lamplighter:profile': 'critical', lamplighter: 'restart' })).toEqual({
      kind: 'untagged',
    });
  });

  it('make a whole registration of a URL: marked as found, off unless it may be restarted, bound to its service', () => {
    expect(document({ 'lamplighter:health-url': url })).toEqual(
      registration({
        id: 'shop-web',
        name: 'Shop_Web',
        tags: { 'lamplighter:source': 'ecs-tags' },
        probe: { kind: 'http', url },
        restart: { mode: 'off', steps: [{ kind: 'ecs', cluster: 'prod', service: 'Shop_Web' }] },
      }),
    );
  });

  it('say what people may say', () => {
    const tags = { id: 'shop', tenant: 'acme', project: 'Web shop', profile: 'critical', restart: 'observe' };
    const given = Object.fromEntries(Object.entries(tags).map(([name, value]) => [`lamplighter:${name}`, value]));
    expect(document({ 'lamplighter:health-url': url, ...given })).toMatchObject({
      ...{ id: 'shop', tenant: 'acme', project: 'Web shop' },
      policy: { profile: 'critical' },
      restart: { mode: 'observe' },
    });
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['on with the tag that allows it', { lamplighter: 'restart' }, 'on'],
    ['off without it', {}, 'off'],
    ['off with another value of it', { lamplighter: 'yes' }, 'off'],
    ['off when they say so', { lamplighter: 'restart', 'lamplighter:restart': 'off' }, 'off'],
    ['on when they say so, for rights may be granted otherwise', { 'lamplighter:restart': 'on' }, 'on'],
    [
      'left to the profile that only observes',
      { lamplighter: 'restart', 'lamplighter:profile': 'observe-only' },
      undefined,
    ],
  ])('switch restarts %s', (_, tags, mode) => {
    expect(document({ 'lamplighter:health-url': url, ...tags }).restart.mode).toBe(mode);
  });

  it('read the tag of the deployment that allows restarts', () => {
    const rules = tagRules({ restartTag: { key: 'heal', value: 'yes' } });
    expect(document({ 'lamplighter:health-url': url, heal: 'yes' }, {}, rules).restart.mode).toBe('on');
    expect(document({ 'lamplighter:health-url': url, lamplighter: 'restart' }, {}, rules).restart.mode).toBe('off');
  });

  it.each([
    ['Web', 'web'],
    ['Stack-Web__Service_9', 'stack-web-service-9'],
    ['_web_', 'web'],
    ['a'.repeat(255), 'a'.repeat(63)],
  ])('make an id of the name %s', (service, id) => {
    const made = document({ 'lamplighter:health-url': url }, { service });
    expect(made.id).toBe(id);
    expect(made.name?.length).toBeLessThanOrEqual(100);
  });
});

describe('a path', () => {
  const tags = { 'lamplighter:health-path': '/health' };
  const behind = (origin: string, isInternal = false) =>
    tagRules({ endpoints: new Map([['group', { origin, isInternal }]]) });

  it('is asked for at the load balancer of the service', () => {
    const { probe } = document(tags, { targetGroups: ['unknown', 'group'] }, behind('http://prod.example.com:81'));
    expect(probe).toMatchObject({
      url: 'http://prod.example.com:81/health',
      network: 'public',
      verifyCertificate: true,
    });
  });

  it("does without a certificate of the load balancer's own name", () => {
    const { probe } = document(tags, { targetGroups: ['group'] }, behind('https://prod.example.com'));
    expect(probe).toMatchObject({ url: 'https://prod.example.com/health', verifyCertificate: false });
  });

  it('is asked for from inside when the load balancer is there', () => {
    const inside = { ...behind('http://prod.example.com', true), limits: tagRules({}, ['public', 'private']).limits };
    expect(document(tags, { targetGroups: ['group'] }, inside).probe).toMatchObject({ network: 'private' });
    expect(faults(tags, { targetGroups: ['group'] }, behind('http://prod.example.com', true))).toEqual([
      expect.stringMatching(/^lamplighter:health-path private needs network.vpcId/),
    ]);
  });

  it('is asked for at the load balancer that faces the internet, if there are two', () => {
    const endpoints = new Map([
      ['inner', { origin: 'http://inner.example.com', isInternal: true }],
      ['outer', { origin: 'http://outer.example.com', isInternal: false }],
    ]);
    const { probe } = document(tags, { targetGroups: ['inner', 'outer'] }, tagRules({ endpoints }));
    expect(probe).toMatchObject({ url: 'http://outer.example.com/health' });
  });

  it('gives way to a whole URL, and needs no load balancer then', () => {
    const both = { ...tags, 'lamplighter:health-url': url };
    const rules = tagRules({ endpoints: undefined });
    expect(document(both, { targetGroups: ['group'] }, rules).probe).toMatchObject({ url });
    expect(targetGroupsOf([seenService(both, { targetGroups: ['group'] })])).toEqual([]);
  });

  it('is left for the next run while the load balancers cannot be read', () => {
    const rules = tagRules({ endpoints: undefined });
    expect(read(tags, { targetGroups: ['group'] }, rules)).toEqual({ kind: 'undecided' });
    expect(faults(tags, { targetGroups: [] }, rules)).toHaveLength(1);
  });

  it('names the target groups to look for, each once', () => {
    const services = [tags, tags, {}].map((given) => seenService(given, { targetGroups: ['a', 'b'] }));
    expect(targetGroupsOf(services)).toEqual(['a', 'b']);
  });

  it.each([
    ['', 'must begin with / and hold no space'],
    ['health', 'must begin with / and hold no space'],
    ['/a b', 'must begin with / and hold no space'],
    ['/health', 'needs an application load balancer that leads to the service; without one use lamplighter:health-url'],
  ])('%j is refused where it cannot be asked for', (path, message) => {
    expect(faults({ 'lamplighter:health-path': path }, { targetGroups: ['unknown'] })).toEqual([
      `lamplighter:health-path ${message}`,
    ]);
  });
});

describe('a faulty tag is named with its fault:', () => {
  it.each<[string, Record<string, string>, string]>([
    ['id', { 'lamplighter:id': 'Shop Web' }, 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
    ['tenant', { 'lamplighter:tenant': 'A' }, 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
    ['project', { 'lamplighter:project': '' }, 'must not be empty'],
    ['profile', { 'lamplighter:profile': 'best' }, 'must be one of standard, critical, non-critical, observe-only'],
    ['restart', { 'lamplighter:restart': 'yes' }, 'must be one of off, observe, on'],
    ['network', { 'lamplighter:network': 'mine' }, 'must be one of public, private'],
    [
      'health-url',
      { 'lamplighter:health-url': 'shop.example.com' },
      'must be a whole URL such as https://example.com/health',
    ],
    [
      'health-url',
      { 'lamplighter:health-url': 'http://169.254.169.254/' },
      '169.254.169.254 is an address that must not be probed',
    ],
  ])('%s', (name, tags, message) => {
    expect(faults({ 'lamplighter:health-url': url, ...tags })).toEqual([
      expect.stringContaining(`lamplighter:${name} ${message}`),
    ]);
  });

  it('a prober that there is not, by the tag that asks for it', () => {
    const tags = { 'lamplighter:health-url': url, 'lamplighter:network': 'private' };
    expect(faults(tags)).toEqual([expect.stringMatching(/^lamplighter:network private needs network.vpcId/)]);
    expect(document(tags, {}, tagRules({}, ['public', 'private'])).probe).toMatchObject({ network: 'private' });
  });

  it('a profile that is faster than the deployment allows', () => {
    const { limits } = tagRules();
    const slow = tagRules({ limits: { ...limits, minIntervalSeconds: 60 } });
    expect(faults({ 'lamplighter:health-url': url, 'lamplighter:profile': 'critical' }, {}, slow)).toEqual([
      'lamplighter:profile must be at least 60, the shortest interval of this deployment',
    ]);
  });

  it('one that is not known, because it may be one that is misspelt', () => {
    const [fault] = faults({ 'lamplighter:heath-path': '/health' });
    expect(fault).toMatch(/^lamplighter:heath-path is not known; there are lamplighter:health-path, /);
    expect(faults({ 'lamplighter:health-url': url, 'lamplighter:source': 'ecs-tags' })).toHaveLength(1);
  });

  it('a name that makes no id, for which the tag is the cure', () => {
    expect(faults({ 'lamplighter:health-url': url }, { service: '___' })).toEqual([
      expect.stringMatching(/^lamplighter:id must be 1 to 63/),
    ]);
  });

  it('all of them at once', () => {
    expect(faults({ 'lamplighter:health-url': 'x', 'lamplighter:id': '?', 'lamplighter:restart': '?' })).toHaveLength(
      3,
    );
  });
});
