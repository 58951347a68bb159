// The SSM documents of a deployment, assembled from their scripts and the parameters of the contract: the stack
// publishes what is made here, one-machine mode runs it, and there is no other copy.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { canonicalJson } from '../lambdas/contract/canonical-json.ts';
import {
  configurationDocument,
  type DocumentParameter,
  linuxDocument,
  type RestartDocument,
  windowsDocument,
} from '../lambdas/contract/restart-documents.ts';

type Action = 'aws:runShellScript' | 'aws:runPowerShellScript';
type DocumentContent = Readonly<{
  schemaVersion: '2.2';
  description: string;
  parameters: Readonly<Record<string, DocumentParameter>>;
  mainSteps: readonly Readonly<{
    action: Action;
    name: string;
    inputs: Readonly<{ timeoutSeconds: string; runCommand: readonly string[] }>;
  }>[];
}>;

export type StandardDocument = Readonly<{
  name: string;
  /** `/` allows every kind of managed node: EC2 instances (i-…) and registered machines (mi-…). */
  targetType: '/';
  content: DocumentContent;
  /** SHA-256, in hex, over the canonical JSON of the content: the restart function compares it with what SSM has. */
  hash: string;
}>;

// No `precondition` on the platform: a step whose precondition fails is skipped, and the command counts as a success.
function assemble(
  { name, description, parameters }: RestartDocument,
  action: Action,
  scriptFile: string,
): StandardDocument {
  const inputs = { timeoutSeconds: '{{ executionTimeout }}', runCommand: linesOf(scriptFile) };
  const content: DocumentContent = {
    schemaVersion: '2.2',
    description,
    parameters,
    mainSteps: [{ action, name: nameOf(scriptFile), inputs }],
  };
  const hash = createHash('sha256').update(canonicalJson(content)).digest('hex');
  return { name, targetType: '/', content, hash };
}

const nameOf = (scriptFile: string) => scriptFile.replace(/\.\w+$/, '');

/** The lines of a script; a line `# include <file>` is replaced by the lines of that file. */
function linesOf(scriptFile: string): string[] {
  const script = readFileSync(new URL(`documents/${scriptFile}`, import.meta.url), 'utf8');
  return script
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const included = /^# include ([a-z-]+\.sh)$/.exec(line)?.[1];
      return included === undefined ? [line] : linesOf(included);
    });
}

/** The documents that a fresh deployment publishes and allows. Exit codes are explained at the head of each script. */
export const standardDocuments: readonly StandardDocument[] = [
  assemble(linuxDocument, 'aws:runShellScript', 'restart-linux.sh'),
  assemble(windowsDocument, 'aws:runPowerShellScript', 'restart-windows.ps1'),
  assemble(configurationDocument, 'aws:runShellScript', 'configuration-linux.sh'),
];

/** The functions' `LAMPLIGHTER_DOCUMENTS`. */
export const documentPins = standardDocuments.map(({ name, hash }) => `${name}=${hash}`).join(',');
