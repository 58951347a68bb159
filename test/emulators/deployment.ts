// The true app, synthesized and deployed by the CDK's own command line into MiniStack.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { adapt, mend, type Template } from './deviations.ts';
import { resourcesOf, type StackResource } from './ministack-api.ts';
import { folder, ministack, REGION, timed } from './where.ts';

export const STACK = 'Lamplighter';

/** Runs `cdk`; gives what it printed, and fails with it. */
async function cdk(...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CI: 'true',
    NO_COLOR: '1',
    AWS_ENDPOINT_URL: ministack.origin,
    // The address of templates is not taken from the endpoint, and must be one that is addressed by path.
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: ministack.origin.replace('127.0.0.1', 'localhost'),
  };
  try {
    const { stdout, stderr } = await promisify(execFile)('cdk', args, { env, maxBuffer: 32 * 1024 * 1024 });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`cdk ${args.join(' ')} failed:\n${(stdout + stderr).slice(-4_000)}`, { cause: error });
  }
}

export const bootstrap = () => timed('cdk bootstrap', () => cdk('bootstrap', `aws://${ministack.accountId}/${REGION}`));

/**
 * Synthesizes with these settings and makes of it what MiniStack takes; gives the folder of the assembly. With `watched`
 * (ids and their URLs) it is the app of somebody who watches services of their own stack.
 */
export async function synthesize(
  name: string,
  settings: object,
  watched?: Readonly<Record<string, string>>,
): Promise<string> {
  const assembly = join(folder, name);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(settings));
  const context = ['--context', `settings=${file}`];
  const app = watched ? ['--app', 'node test/fixtures/watching-app.ts'] : [];
  for (const [id, url] of Object.entries(watched ?? {})) context.push('--context', `${id}=${url}`);
  await timed(`cdk synth ${name}`, () => cdk('synth', '--quiet', '--output', assembly, ...app, ...context));
  for (const change of adapt(fileOf(assembly))) process.stdout.write(`          for MiniStack: ${change}\n`);
  return assembly;
}
/** The name of the one stack in it: with the region behind it where the settings name that. */
export function stackIn(assembly: string): string {
  const [file = '', ...others] = readdirSync(assembly).filter((name) => name.endsWith(TEMPLATE));
  if (others.length > 0) throw new Error(`${assembly} holds more than one stack`);
  return file.slice(0, -TEMPLATE.length);
}
const TEMPLATE = '.template.json';
const fileOf = (assembly: string) => join(assembly, `${stackIn(assembly)}${TEMPLATE}`);
export const templateOf = (assembly: string): Template => JSON.parse(readFileSync(fileOf(assembly), 'utf8'));

export type Deployed = Readonly<{
  printed: string;
  resources: readonly StackResource[];
  apiUrl: string;
  topicArn: string;
}>;

export async function deploy(assembly: string): Promise<Deployed> {
  const stack = stackIn(assembly);
  const outputsFile = `${assembly}.outputs.json`;
  const how = ['--method=direct', '--require-approval', 'never', '--outputs-file', outputsFile];
  const printed = await timed('cdk deploy', () => cdk('deploy', '--app', assembly, ...how));
  const resources = await resourcesOf(stack);
  for (const change of await mend(templateOf(assembly), resources))
    process.stdout.write(`          for MiniStack: ${change}\n`);
  const { [stack]: outputs = {} } = JSON.parse(readFileSync(outputsFile, 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const output = (part: string) => Object.entries(outputs).find(([name]) => name.includes(part))?.[1] ?? '';
  // Its host name resolves nowhere; the same API is served below this path.
  const apiId = new URL(output('ApiUrl')).hostname.split('.')[0] ?? '';
  const apiUrl = `${ministack.origin}/_aws/execute-api/${apiId}/$default`;
  return { printed, resources, apiUrl, topicArn: output('AlertTopicArn') };
}
