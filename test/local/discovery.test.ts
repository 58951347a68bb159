// Discovery in one-machine mode: when it runs, and the whole of it with a real local service that only bears tags.
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Cloud, startCloud } from '../../local/cloud.ts';
import { startRepeating } from '../../local/repeating.ts';
import { readSettings, SettingsError } from '../../local/settings.ts';
import { apiClient, eventually, freePort, makeStage } from './one-machine.ts';

describe('the schedule of discovery', () => {
  const faults: unknown[] = [];
  afterEach(() => {
    vi.useRealTimers();
    faults.length = 0;
  });

  it('runs at once and then every five minutes, also after a run that failed, until it is stopped', async () => {
    vi.useFakeTimers();
    let runs = 0;
    const run = async () => {
      runs += 1;
      if (runs === 2) throw new Error('no such cluster');
    };
    const discovery = startRepeating(run, 300_000, (error) => faults.push(error));
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(299_999);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(300_001);
    expect(runs).toBe(3);
    expect(faults).toEqual([new Error('no such cluster')]);
    await discovery.stop();
    await vi.advanceTimersByTimeAsync(900_000);
    expect(runs).toBe(3);
  });

  it('runs one after the other, and waits at its stop for the one under way', async () => {
    vi.useFakeTimers();
    const ends: (() => void)[] = [];
    const discovery = startRepeating(
      () => new Promise((resolve) => ends.push(resolve)),
      300_000,
      (error) => faults.push(error),
    );
    await vi.advanceTimersByTimeAsync(700_000);
    expect(ends).toHaveLength(1);
    let isStopped = false;
    const stopped = discovery.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(isStopped).toBe(false);
    // Two more had been asked for while the first one took its time.
    for (const turn of [0, 1, 2]) {
      ends[turn]?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    await stopped;
    expect(ends).toHaveLength(3);
  });
});

describe('tags of a local service', () => {
  const settings = (tags: Record<string, string>) =>
    readSettings({}, { ecs: { services: [{ cluster: 'prod', service: 'lamp', command: 'true', tags }] } });

  it('are taken as ECS takes them', () => {
    const tags = { 'lamplighter:health-url': 'http://127.0.0.1:1/health', 'Team name': 'a+b - c=d@e_f' };
    expect(settings(tags).config.ecs.services[0]?.tags).toEqual(tags);
  });

  it.each([
    ['a value that ECS would refuse', { team: 'a?b' }, 'may hold letters, digits, spaces and'],
    ['a key that ECS would refuse', { 'a{b': 'x' }, 'may hold letters, digits, spaces and'],
    [
      'a path, for which there is no load balancer',
      { 'lamplighter:health-path': '/health' },
      'use lamplighter:health-url',
    ],
  ])('are refused with %s', (_, tags, message) => {
    expect(() => settings(tags)).toThrow(SettingsError);
    expect(() => settings(tags)).toThrow(message);
  });
});

describe('a local service with tags', () => {
  const stage = makeStage();
  const faults: unknown[] = [];
  let cloud: Cloud;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const common = { cluster: 'prod', env: stage.env };
    const tags = {
      'lamplighter:health-url': `http://127.0.0.1:${port}/health`,
      lamplighter: 'restart',
      'lamplighter:profile': 'critical',
    };
    const config = {
      ecs: {
        services: [
          { ...common, service: 'Lamp_Web', command: stage.command('lamp', port), port, tags },
          { ...common, service: 'dark', command: ['sleep', '600'] },
        ],
      },
      discovery: { clusters: ['prod'] },
    };
    cloud = await startCloud({
      settings: readSettings({ LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: join(stage.path, 'data') }, config),
      print: () => undefined,
      onError: (error) => void faults.push(error),
    });
  });
  afterAll(async () => {
    await cloud.stop();
    expect(stage.clear(), 'processes left behind').toEqual([]);
  });

  it('registers itself, is watched, and shows beside what nobody registered', { timeout: 60_000 }, async () => {
    const drift = async () => (await (await fetch(`${cloud.apiUrl}/drift`)).json()) as Record<string, unknown>;
    expect(await drift()).toMatchObject({ status: 'not_run_yet' });
    cloud.startRounds();
    const api = apiClient(cloud.apiUrl);
    const view = await eventually(
      'the service is healthy',
      async () => {
        const seen = await api.service('lamp-web');
        return seen?.health === 'healthy' && seen;
      },
      40_000,
      drift,
    );
    expect(view).toMatchObject({
      spec: { tags: { 'lamplighter:source': 'ecs-tags' } },
      health: 'healthy',
    });
    expect(await drift()).toMatchObject({
      ...{ status: 'ok', clusters: [{ cluster: 'prod', services: 2, fault: null }] },
      entries: [{ kind: 'unregistered', service: 'dark' }],
    });
    expect(faults).toEqual([]);
  });
});
