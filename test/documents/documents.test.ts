// The standard documents: well-formed for SSM, and nothing gets through a parameter that means something to a shell.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import type { DocumentParameter } from '../../lambdas/contract/restart-documents.ts';
import { STANDARD_DOCUMENTS } from '../../lambdas/core/model/restart-spec.ts';
import { standardDocuments } from '../../lib/documents.ts';

const SSM_CONTENT_LIMIT = 64 * 1024;

const documentSchema = z.strictObject({
  schemaVersion: z.literal('2.2'),
  description: z.string().min(20),
  parameters: z.record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/),
    z.strictObject({
      type: z.literal('String'),
      description: z.string().min(10),
      default: z.string(),
      allowedPattern: z.string().regex(/^\^.*\$$/, 'must be anchored at both ends'),
      interpolationType: z.literal('ENV_VAR').optional(),
    }),
  ),
  mainSteps: z.tuple([
    z.strictObject({
      action: z.enum(['aws:runShellScript', 'aws:runPowerShellScript']),
      name: z.string().regex(/^[a-zA-Z0-9_-]+$/),
      inputs: z.strictObject({
        timeoutSeconds: z.literal('{{ executionTimeout }}'),
        runCommand: z.array(z.string().max(200)).min(10),
      }),
    }),
  ]),
});

const hostile = [
  "'; reboot; '",
  '"; reboot; "',
  '$(reboot)',
  '${PATH}',
  '$HOME',
  '`reboot`',
  'nginx; reboot',
  'nginx;reboot',
  'nginx && reboot',
  'nginx&&reboot',
  'nginx | tee',
  'nginx||reboot',
  'nginx & reboot',
  'nginx\nreboot',
  'nginx\n',
  '\nnginx',
  'nginx\r\nreboot',
  'nginx\treboot',
  'nginx reboot',
  ' nginx',
  'nginx ',
  '-h',
  '--now',
  '-Force',
  'nginx > /etc/passwd',
  'nginx>x',
  'nginx<x',
  'nginx*',
  'ngin?',
  'nginx[12]',
  '{a,b}',
  '{{ unit }}',
  '{{ssm:/secret}}',
  '~root',
  '!!',
  '#nginx',
  'a=b',
  '%PATH%',
  '^reboot',
  '(reboot)',
  'nginx\0',
  'nginx\\nreboot',
  '../../etc/passwd',
  '/opt/../etc/x',
  '/opt/./x',
  '/opt/-x',
  '/',
  '//x',
  '/opt/app/',
  'C:\\..\\x',
  '\\\\server\\share\\x.ps1',
  'nginx\u2019',
  'ngінx',
  '\u202enginx',
  '\uff04(reboot)',
  'a'.repeat(300),
];
const noNumbers = ['1e3', '0x1F90', '-1', '080', '0', '3.5', '100000', '+1', '1_000', 'one'];

const all = standardDocuments.flatMap(({ name, content }) =>
  Object.entries(content.parameters).map(([parameter, spec]) => ({ name, parameter, spec })),
);
const admits = ({ allowedPattern }: DocumentParameter, value: string) => new RegExp(allowedPattern).test(value);

describe.each(standardDocuments)('document $name', ({ content }) => {
  it('is a well-formed Command document that fits into SSM', () => {
    expect(documentSchema.safeParse(content).error).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(SSM_CONTENT_LIMIT);
  });

  it('names in braces its own parameters and nothing else, each once and in single quotes', () => {
    const [step] = content.mainSteps;
    const script = step!.inputs.runCommand.join('\n');
    const inScript = [...script.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)].map(([, name]) => name);
    const expected = Object.keys(content.parameters).filter((name) => name !== 'executionTimeout');
    expect(inScript.toSorted()).toEqual(expected.toSorted());
    for (const name of inScript) expect(script).toContain(`'{{ ${name} }}'`);
  });

  it('hands over as environment variable whatever reaches the script', () => {
    for (const [name, { interpolationType }] of Object.entries(content.parameters))
      expect(interpolationType, name).toBe(name === 'executionTimeout' ? undefined : 'ENV_VAR');
  });

  it('uses patterns without look-around, since the agent reads them with RE2', () => {
    for (const { allowedPattern } of Object.values(content.parameters)) expect(allowedPattern).not.toMatch(/\(\?/);
  });

  it('holds nothing that CloudFormation could change on its way: texts in plain ASCII, lists and objects', () => {
    const texts = (value: unknown): string[] => {
      if (typeof value === 'string') return [value];
      expect(value).toBeTypeOf('object');
      return Object.values(value as object).flatMap(texts);
    };
    for (const text of texts(content)) expect(text).toMatch(/^[\t\x20-\x7e]*$/);
  });

  it('explains every exit code that its script uses', () => {
    const script = content.mainSteps[0]!.inputs.runCommand;
    const explained = script.flatMap((line) => /^# {3}(\d+) /.exec(line)?.[1] ?? []);
    const used = script.flatMap((line) => [...line.matchAll(/(?:fail|Stop-Failed) (\d+)/g)].map(([, code]) => code!));
    expect(explained).toEqual(['0', '64', '65', '66', '67', '68', '69']);
    expect(new Set(used)).toEqual(new Set(explained.slice(1)));
  });
});

describe('the parameters', () => {
  it.each(all)('$name/$parameter has a default that its own pattern admits', ({ spec }) => {
    expect(admits(spec, spec.default)).toBe(true);
  });

  it.each(all)('$name/$parameter refuses every hostile value', ({ spec }) => {
    expect(hostile.filter((value) => admits(spec, value))).toEqual([]);
  });

  it.each(all.filter(({ parameter }) => /port|Timeout/.test(parameter)))('$name/$parameter is a number', ({ spec }) => {
    expect(noNumbers.filter((value) => admits(spec, value))).toEqual([]);
  });

  it('do not let a configuration be a whole top folder', () => {
    const path = all.find(({ parameter }) => parameter === 'path')!.spec;
    expect(['/etc', '/opt', '/etc/'].filter((value) => admits(path, value))).toEqual([]);
  });

  it.each([
    ['unit', 'billing'],
    ['unit', 'billing.service'],
    ['unit', 'app@blue.service'],
    ['container', 'billing-api_1'],
    ['startScript', '/opt/billing/bin/start.sh'],
    ['restartScript', '/opt/lamplighter/restart_billing-api.sh'],
    ['restartScript', 'C:\\lamplighter\\restart_billing-api.ps1'],
    ['user', 'www-data'],
    ['mode', 'reload'],
    ['action', 'backup'],
    ['path', '/etc/billing'],
    ['path', '/etc/billing/conf.d/app.conf'],
    ['checkScript', '/opt/lamplighter/check-billing.sh'],
    ['restartId', 'rst-1x2y3z-mb0k9f3w-42'],
    ['port', '8080'],
    ['executionTimeout', '3600'],
    ['startTimeoutSeconds', '600'],
    ['serviceName', 'W3SVC'],
    ['startScript', 'C:\\Apps\\billing\\start.ps1'],
  ])('%s may be %s', (name, value) => {
    const specs = all.filter(({ parameter }) => parameter === name).map(({ spec }) => spec);
    expect(specs.some((spec) => admits(spec, value))).toBe(true);
  });
});

it('brings along exactly the documents that the registration schema knows as standard', () => {
  expect(standardDocuments.map(({ name }) => name)).toEqual([...STANDARD_DOCUMENTS]);
});

it('carries the scripts as they lie in lib/documents', () => {
  const files = ['restart-linux.sh', 'restart-windows.ps1', 'configuration-linux.sh'];
  const read = (file: string) => readFileSync(new URL(`../../lib/documents/${file}`, import.meta.url), 'utf8');
  const scripts = files.map((file) => read(file).replace('# include shared.sh\n', read('shared.sh')));
  expect(standardDocuments.map(({ content }) => `${content.mainSteps[0]!.inputs.runCommand.join('\n')}\n`)).toEqual(
    scripts,
  );
});
