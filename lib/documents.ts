// The two restart documents that a deployment brings along, put together from their scripts. This is their one source:
// the stack publishes what is made here, one-machine mode runs it, and no copy is kept.
import { readFileSync } from 'node:fs';

/** One parameter of a document. Every one has a pattern: SSM refuses a value that does not fit before it goes anywhere. */
export type DocumentParameter = Readonly<{
  type: 'String';
  description: string;
  default: string;
  allowedPattern: string;
  /** The agent hands the value over as `SSM_<name>` (from 3.3.2746.0; older ones replace `{{ name }}` in the text). */
  interpolationType?: 'ENV_VAR';
}>;

type DocumentContent = Readonly<{
  schemaVersion: '2.2';
  description: string;
  parameters: Readonly<Record<string, DocumentParameter>>;
  mainSteps: readonly Readonly<{
    action: 'aws:runShellScript' | 'aws:runPowerShellScript';
    name: string;
    inputs: Readonly<{ timeoutSeconds: string; runCommand: readonly string[] }>;
  }>[];
}>;

export type StandardDocument = Readonly<{
  name: string;
  /** `/` admits every kind of managed node: EC2 instances (i-…) and registered machines (mi-…). */
  targetType: '/';
  content: DocumentContent;
}>;

// Patterns: anchored, no look-around (the agent checks them again with RE2), nothing that means anything to a shell,
// no leading dash. An empty value means that this way was not chosen.
const text = (description: string, allowedPattern: string): DocumentParameter => ({
  type: 'String',
  description,
  default: '',
  allowedPattern,
  interpolationType: 'ENV_VAR',
});
const seconds = (description: string, byDefault: string): DocumentParameter => ({
  type: 'String',
  description,
  default: byDefault,
  allowedPattern: '^[1-9][0-9]{0,3}$',
  interpolationType: 'ENV_VAR',
});

const shared = {
  port: text('TCP port that the service listens on; needed with startScript', '^(|[1-9][0-9]{0,4})$'),
  startTimeoutSeconds: seconds('How long the service may take to come up', '60'),
  stopTimeoutSeconds: seconds('How long the service may take to stop of its own accord', '20'),
  // Not an environment variable: the agent itself reads it, in `timeoutSeconds` below.
  executionTimeout: {
    type: 'String',
    description: 'Seconds after which the agent ends the script',
    default: '120',
    allowedPattern: '^[1-9][0-9]{0,4}$',
  },
} as const satisfies Record<string, DocumentParameter>;

// No `precondition` on the platform: a step whose precondition fails is skipped, and the command counts as a success.
function assemble(
  about: { name: string; description: string; action: DocumentContent['mainSteps'][number]['action']; script: string },
  parameters: Readonly<Record<string, DocumentParameter>>,
): StandardDocument {
  const script = readFileSync(new URL(`documents/${about.script}`, import.meta.url), 'utf8');
  return {
    name: about.name,
    targetType: '/',
    content: {
      schemaVersion: '2.2',
      description: about.description,
      parameters: { ...parameters, ...shared },
      mainSteps: [
        {
          action: about.action,
          name: 'restart',
          inputs: { timeoutSeconds: '{{ executionTimeout }}', runCommand: script.trimEnd().split('\n') },
        },
      ],
    },
  };
}

/** What a fresh deployment publishes and allows. Exit codes are explained at the head of each script. */
export const standardDocuments: readonly StandardDocument[] = [
  assemble(
    {
      name: 'Lamplighter-RestartLinux',
      description: 'Restarts one systemd unit, Docker container, or start script with the port it listens on.',
      action: 'aws:runShellScript',
      script: 'restart-linux.sh',
    },
    {
      unit: text('systemd service unit, with or without .service', '^(|[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,253})$'),
      container: text('Docker container, by name or id', '^(|[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$'),
      startScript: text(
        'Absolute path of the script that starts the service',
        '^(|(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){1,12})$',
      ),
      user: text('User that the start script runs as; root when empty', '^(|[a-z_][a-z0-9_-]{0,31})$'),
    },
  ),
  assemble(
    {
      name: 'Lamplighter-RestartWindows',
      description: 'Restarts one Windows service, or start script with the port it listens on.',
      action: 'aws:runPowerShellScript',
      script: 'restart-windows.ps1',
    },
    {
      serviceName: text('Windows service, by its name, not its display name', '^(|[A-Za-z0-9_][A-Za-z0-9_.-]{0,254})$'),
      startScript: text(
        'Absolute path of the .ps1, .cmd, .bat or .exe that starts the service, without spaces',
        '^(|[A-Za-z]:(\\\\[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){1,12})$',
      ),
    },
  ),
];
