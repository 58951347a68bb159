// In a process of its own: the format is a line on standard output, written past any console that a test could watch.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const adapter = new URL('../../lambdas/adapters/emf-metrics.ts', import.meta.url).href;

type Embedded = Record<string, unknown> & { _aws: { CloudWatchMetrics: Record<string, unknown>[] } };

async function flushed(code: string): Promise<Embedded[]> {
  const program = `const { createEmfMetrics } = await import('${adapter}'); const metrics = createEmfMetrics(); ${code}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('_aws'))
    .map((line) => JSON.parse(line) as Embedded);
}

describe('the metrics', () => {
  it('are one line per flush, in our namespace and under one dimension for all functions', async () => {
    const lines = await flushed(`
      metrics.count('RoundsPacked');
      metrics.count('ServicesDue', 250);
      metrics.milliseconds('Lateness', 1200);
      metrics.flush();
      metrics.count('RoundsPacked');
      metrics.flush();
    `);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ service: 'lamplighter', RoundsPacked: 1, ServicesDue: 250, Lateness: 1200 });
    expect(lines[0]?._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'Lamplighter',
        Dimensions: [['service']],
        Metrics: [
          { Name: 'RoundsPacked', Unit: 'Count' },
          { Name: 'ServicesDue', Unit: 'Count' },
          { Name: 'Lateness', Unit: 'Milliseconds' },
        ],
      },
    ]);
    expect(lines[1]).toMatchObject({ RoundsPacked: 1 });
    expect(lines[1]).not.toHaveProperty('ServicesDue');
  });

  it('keep every value of a name that comes more than once', async () => {
    const [line] = await flushed(`
      metrics.count('ServicesDue', 250);
      metrics.count('ServicesDue', 100);
      metrics.flush();
    `);
    expect(line).toMatchObject({ ServicesDue: [250, 100] });
  });

  it('write no metric when there is none', async () => {
    expect(await flushed('metrics.flush();')).toEqual([]);
  });
});
