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
const template = (stack = 'Lamplighter') =>
  JSON.parse(readFileSync(join(folder, `out/${stack}.template.json`), 'utf8')) as Template;
/** Every stack of the last synthesis, and where it is to be deployed. */
function stacks(): [name: string, environment: string][] {
  const { artifacts } = JSON.parse(readFileSync(join(folder, 'out/manifest.json'), 'utf8')) as {
    artifacts: Record<string, { type: string; environment: string }>;
  };
  return Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([name, { environment }]) => [name, environment]);
}

describe('the app', { timeout: 60_000 }, () => {
  it('makes the stack without settings, without credentials and without knowing where', async () => {
    const { code, stderr } = await run(undefined);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const types = Object.values(template().Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Scheduler::Schedule')).toHaveLength(2);
    expect(stacks()).toEqual([['Lamplighter', 'aws://unknown-account/unknown-region']]);
  });

  it('makes a whole stack for each region of the settings, by its name and for that region alone', async () => {
    const settings = 'regions: [eu-central-1, us-east-1]\nrestart: { clusters: [prod] }\n';
    const { code, stderr } = await run(fileOf(settings));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stacks()).toEqual([
      ['Lamplighter-eu-central-1', 'aws://unknown-account/eu-central-1'],
      ['Lamplighter-us-east-1', 'aws://unknown-account/us-east-1'],
    ]);
    const [german, american] = ['eu-central-1', 'us-east-1'].map((region) => template(`Lamplighter-${region}`));
    const typesOf = (each: Template | undefined) => Object.values(each?.Resources ?? {}).map(({ Type }) => Type);
    expect(typesOf(german)).toEqual(typesOf(american));
    expect(typesOf(german)).toContain('AWS::Scheduler::Schedule');
    const text = JSON.stringify(german);
    expect(text).toContain(':ecs:eu-central-1:');
    expect(text).not.toContain('us-east-1');
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
