// What the two restart documents take: names, patterns, defaults, and what is taken when no way is named. The stack
// publishes them from here, and a registration is held against the very same, so that a wrong value shows when it is
// written, not in the night.

/** One parameter of a document. Every one has a pattern: SSM refuses a value that does not fit before it goes anywhere. */
export type DocumentParameter = Readonly<{
  type: 'String';
  description: string;
  default: string;
  allowedPattern: string;
  /** The agent hands the value over as `SSM_<name>` (from 3.3.2746.0; older ones replace `{{ name }}` in the text). */
  interpolationType?: 'ENV_VAR';
}>;

export type RestartDocument = Readonly<{
  name: string;
  description: string;
  /** Parameters of which exactly one is given: each is a way to restart. */
  ways: readonly string[];
  /** The `restartScript` of a service whose step names no way: what stands before its id, and behind it. */
  byConvention: readonly [before: string, behind: string];
  parameters: Readonly<Record<string, DocumentParameter>>;
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
const linuxPath = '^(|(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){1,12})$';
const windowsPath = '^(|[A-Za-z]:(\\\\[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){1,12})$';

const shared = {
  port: text('TCP port that the service listens on; needed with startScript', '^(|[1-9][0-9]{0,4})$'),
  startTimeoutSeconds: seconds('How long the service may take to come up', '60'),
  stopTimeoutSeconds: seconds('How long the service may take to stop of its own accord', '20'),
  // Not an environment variable: the agent itself reads it, as the time limit of the script.
  executionTimeout: {
    type: 'String',
    description: 'Seconds after which the agent ends the script',
    default: '120',
    allowedPattern: '^[1-9][0-9]{0,4}$',
  },
} as const satisfies Record<string, DocumentParameter>;

export const linuxDocument: RestartDocument = {
  name: 'Lamplighter-RestartLinux',
  description: 'Restarts one systemd unit, Docker container, or start script with its port; or runs a restart script.',
  ways: ['unit', 'container', 'startScript', 'restartScript'],
  byConvention: ['/opt/lamplighter/restart_', '.sh'],
  parameters: {
    unit: text('systemd service unit, with or without .service', '^(|[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,253})$'),
    container: text('Docker container, by name or id', '^(|[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$'),
    startScript: text('Absolute path of the script that starts the service', linuxPath),
    restartScript: text(
      'Absolute path of a script that restarts the service itself; exit code 0 means done',
      linuxPath,
    ),
    user: text('User that the script runs as; root when empty', '^(|[a-z_][a-z0-9_-]{0,31})$'),
    ...shared,
  },
};

export const windowsDocument: RestartDocument = {
  name: 'Lamplighter-RestartWindows',
  description: 'Restarts one Windows service, or start script with its port; or runs a restart script.',
  ways: ['serviceName', 'startScript', 'restartScript'],
  byConvention: ['C:\\lamplighter\\restart_', '.ps1'],
  parameters: {
    serviceName: text('Windows service, by its name, not its display name', '^(|[A-Za-z0-9_][A-Za-z0-9_.-]{0,254})$'),
    startScript: text(
      'Absolute path of the .ps1, .cmd, .bat or .exe that starts the service, without spaces',
      windowsPath,
    ),
    restartScript: text(
      'Absolute path of the .ps1, .cmd, .bat or .exe that restarts the service itself; exit code 0 means done',
      windowsPath,
    ),
    ...shared,
  },
};
