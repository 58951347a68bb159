// The CDK app as `cdk` starts it, in a process of its own, without credentials and without bundling.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'lamplighter-app-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { code: number; stderr: string };
type Template = { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };

/** What the CLI hands an app: its context (`-c`), where to write, and nothing of AWS. */
function run(settings: string | undefined): Promise<Ended> {
  const context = { 'aws:cdk:bundling-stacks': [], ...(settings !== undefined && { settings }) };
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: join(folder, 'out') };
  return new Promise((resolve) => {
    execFile(process.execPath, ['bin/lamplighter.ts'], { cwd: root, env }, (error, _stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });
}
function fileOf(settings: string): string {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, settings);
  return file;
}
const template = () => JSON.parse(readFileSync(join(folder, 'out/Lamplighter.template.json'), 'utf8')) as Template;

describe('the app', { timeout: 60_000 }, () => {
  it('makes the stack without settings, without credentials and without knowing where', async () => {
    const { code, stderr } = await run(undefined);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const types = Object.values(template().Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Scheduler::Schedule')).toHaveLength(1);
  });

  it('takes its settings from the file that `-c settings=` names', async () => {
    const { code } = await run(fileOf('alerts: { email: [{ address: team@example.com }] }\n'));
    expect(code).toBe(0);
    const resources = Object.values(template().Resources);
    expect(resources.filter(({ Type }) => Type === 'AWS::SNS::Subscription')).toMatchObject([
      { Properties: { Protocol: 'email', Endpoint: 'team@example.com' } },
    ]);
  });

  it.each([
    ['alerts: { email: [{ address: team }] }', 'alerts.email.0.address: must be an e-mail address'],
    ['minIntervalSeconds: 0', 'minIntervalSeconds: Too small'],
    ['network: { allowedRanges: [10.0.0.0/8] }', 'network.allowedRanges: opens private ranges'],
  ])('stops at a wrong setting and names it: %s', async (settings, message) => {
    const file = fileOf(`${settings}\n`);
    const { code, stderr } = await run(file);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`SettingsError: wrong settings in ${file}:\n  ${message}`);
  });

  it('stops when the file is not there', async () => {
    const { code, stderr } = await run(join(folder, 'none.yaml'));
    expect(code).not.toBe(0);
    expect(stderr).toContain('none.yaml cannot be read: ENOENT');
  });
});
