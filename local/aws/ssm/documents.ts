// Command documents as SSM sees them: their form, whether parameters fit, and the script that they produce.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod';

import { AwsFault } from '../wire.ts';

const parameterSchema = z.object({
  type: z.enum(['String', 'StringList', 'Boolean', 'Integer']),
  description: z.string().optional(),
  default: z.union([z.string(), z.array(z.string()), z.boolean(), z.number()]).optional(),
  allowedPattern: z.string().optional(),
  allowedValues: z.array(z.string()).optional(),
  interpolationType: z.literal('ENV_VAR').optional(),
});

const documentContentSchema = z.object({
  schemaVersion: z.literal('2.2'),
  description: z.string().default(''),
  parameters: z.record(z.string(), parameterSchema).default({}),
  mainSteps: z
    .array(
      z.object({
        action: z.enum(['aws:runShellScript', 'aws:runPowerShellScript']),
        name: z.string(),
        inputs: z.object({
          runCommand: z.array(z.string()),
          timeoutSeconds: z.union([z.string(), z.number()]).default('3600'),
        }),
      }),
    )
    .min(1),
});
type DocumentContent = z.infer<typeof documentContentSchema>;
export type LocalDocument = Readonly<{ name: string; content: DocumentContent }>;

/** The given documents and those of the folder; a file that is not a Command document rejects with its name. */
export function readDocuments(
  given: readonly { name: string; content: unknown }[],
  folder: string | undefined,
): ReadonlyMap<string, LocalDocument> {
  const files = folder === undefined ? [] : readdirSync(folder).filter((file) => file.endsWith('.json'));
  const read = files.map((file) => ({
    name: file.slice(0, -'.json'.length),
    content: JSON.parse(readFileSync(join(folder ?? '', file), 'utf8')),
  }));
  const documents = [...given, ...read].map(({ name, content }) => {
    const decoded = documentContentSchema.safeParse(content);
    if (!decoded.success) throw new Error(`SSM document ${name}: ${z.prettifyError(decoded.error)}`);
    return { name, content: decoded.data };
  });
  return new Map(documents.map((document) => [document.name, document]));
}

/** The document of that name; here each has only one version. */
export function documentOf(
  documents: ReadonlyMap<string, LocalDocument>,
  name: string,
  version: string,
): LocalDocument {
  const document = documents.get(name);
  if (!document) throw new AwsFault('InvalidDocument', `there is no document ${name}`);
  if (!['$DEFAULT', '$LATEST', '1'].includes(version))
    throw new AwsFault('InvalidDocumentVersion', `${name} has no version ${version}`);
  return document;
}

export const platformsOf = ({ content }: LocalDocument): readonly string[] =>
  content.mainSteps.some(({ action }) => action === 'aws:runShellScript') ? ['Linux', 'MacOS'] : ['Windows'];

export type Values = Readonly<Record<string, string>>;

/** Every parameter's value, defaults filled in; throws InvalidParameters as SSM does. */
export function settleParameters(
  { content }: LocalDocument,
  given: Readonly<Record<string, readonly string[]>>,
): Values {
  const unknown = Object.keys(given).filter((name) => !(name in content.parameters));
  if (unknown.length > 0)
    throw new AwsFault('InvalidParameters', `parameters ${unknown.join(', ')} are not in the document`);
  const entries = Object.entries(content.parameters).map(([name, parameter]) => {
    const value = given[name] ?? parameter.default;
    if (value === undefined) throw new AwsFault('InvalidParameters', `parameter ${name} is missing`);
    if (parameter.type !== 'StringList' && Array.isArray(value) && value.length !== 1)
      throw new AwsFault('InvalidParameters', `parameter ${name} takes one value`);
    for (const one of [value].flat().map(String)) {
      if (parameter.allowedPattern !== undefined && !new RegExp(parameter.allowedPattern).test(one))
        throw new AwsFault('InvalidParameters', `parameter ${name} does not match ${parameter.allowedPattern}`);
      if (parameter.allowedValues !== undefined && !parameter.allowedValues.includes(one))
        throw new AwsFault(
          'InvalidParameters',
          `parameter ${name} must be one of ${parameter.allowedValues.join(', ')}`,
        );
    }
    return [name, [value].flat().map(String).join('\n')] as const;
  });
  return Object.fromEntries(entries);
}

const ENVIRONMENT_SINCE = [3, 3, 2746, 0];

function knowsEnvironment(agentVersion: string): boolean {
  const version = agentVersion.split('.').map(Number);
  const differs = ENVIRONMENT_SINCE.findIndex((part, index) => part !== (version[index] ?? 0));
  return differs < 0 || (version[differs] ?? 0) > (ENVIRONMENT_SINCE[differs] ?? 0);
}

export type Script = Readonly<{ text: string; environment: Values; timeoutSeconds: number }>;

/** The script as an agent of this version would run it. */
export function renderScript({ content }: LocalDocument, values: Values, agentVersion: string): Script {
  const inEnvironment = (name: string) =>
    knowsEnvironment(agentVersion) && content.parameters[name]?.interpolationType === 'ENV_VAR';
  const replaced = (text: string) =>
    text.replace(/\{\{\s*([A-Za-z0-9]+)\s*\}\}/g, (whole, name: string) =>
      inEnvironment(name) ? whole : (values[name] ?? whole),
    );
  const steps = content.mainSteps.filter(({ action }) => action === 'aws:runShellScript');
  return {
    text: steps.map(({ inputs }) => `${inputs.runCommand.map(replaced).join('\n')}\n`).join('\n'),
    environment: Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => (inEnvironment(name) ? [[`SSM_${name}`, value]] : [])),
    ),
    timeoutSeconds: Math.max(...steps.map(({ inputs }) => Number(replaced(String(inputs.timeoutSeconds)))), 1),
  };
}
