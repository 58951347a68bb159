// In a process of its own: Powertools writes past any console that a test could watch.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const adapter = new URL('../../lambdas/adapters/powertools-log.ts', import.meta.url).href;

/** Runs lines of code with a log at hand and gives back what it wrote, line by line. */
async function logged(code: string): Promise<Record<string, unknown>[]> {
  const program = `const { createPowertoolsLog } = await import('${adapter}'); const log = createPowertoolsLog('probe'); ${code}`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', program]);
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes a JSON line per message, with its level, the function and the details', async () => {
    const lines = await logged(`
      log.info('unhealthy', { serviceId: 'billing', correlationId: 'c1' });
      log.warn('slow');
      log.error('failed', { causes: ['a', 'b'] });
    `);
    expect(lines).toHaveLength(3);
    const of = (level: string) => lines.find((line) => line['level'] === level);
    expect(of('INFO')).toMatchObject({
      message: 'unhealthy',
      service: 'probe',
      serviceId: 'billing',
      correlationId: 'c1',
    });
    expect(of('WARN')).toMatchObject({ message: 'slow', service: 'probe' });
    expect(of('ERROR')).toMatchObject({ message: 'failed', causes: ['a', 'b'] });
    expect(Number.isNaN(Date.parse(String(of('INFO')?.['timestamp'])))).toBe(false);
  });
});
