// The parameters of Lamplighter's documents: names, patterns, defaults, and what is filled in when a step leaves them
// out. The stack publishes them from here, and a registration is checked against the same definitions, so that a wrong
// value shows when it is written, and not during an outage.

/**
 * One parameter of a document. Every one has a pattern: SSM refuses a value that does not fit before it goes anywhere.
 */
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
  /** Parameters of which exactly one is given: each is a way to restart. None: the document restarts nothing. */
  ways: readonly string[];
  /** The `restartScript` of a step that names no way: its folder, and what stands behind `restart_<id>`. */
  byConvention: readonly [folder: string, ending: string];
  /** The parameter whose value follows from the step's place in a registration, and the places that give it. */
  byPlace: Readonly<{ parameter: string; places: readonly string[] }>;
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

const executionTimeout: DocumentParameter = {
  // Not an environment variable: the agent itself reads it, as the time limit of the script.
  type: 'String',
  description: 'Seconds after which the agent ends the script',
  default: '120',
  allowedPattern: '^[1-9][0-9]{0,4}$',
};

const shared = {
  port: text('TCP port that the service listens on; needed with startScript', '^(|[1-9][0-9]{0,4})$'),
  startTimeoutSeconds: seconds('How long the service may take to come up', '60'),
  stopTimeoutSeconds: seconds('How long the service may take to stop of its own accord', '20'),
  mode: {
    ...text('restart; or reload, by which what runs reads its configuration anew', '^(restart|reload)$'),
    default: 'restart',
  },
  executionTimeout,
} as const satisfies Record<string, DocumentParameter>;

const reloads = { parameter: 'mode', places: ['reload'] } as const;

export const linuxDocument: RestartDocument = {
  name: 'Lamplighter-RestartLinux',
  description: 'Restarts one systemd unit, Docker container, or start script with its port; or runs a restart script.',
  ways: ['unit', 'container', 'startScript', 'restartScript'],
  byConvention: ['/opt/lamplighter/', '.sh'],
  byPlace: reloads,
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
  byConvention: ['C:\\lamplighter\\', '.ps1'],
  byPlace: reloads,
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

export const configurationDocument: RestartDocument = {
  name: 'Lamplighter-ConfigurationLinux',
  description: 'Keeps a file or folder safe, asks a script whether it may be started with, or puts its copy back.',
  ways: [],
  byConvention: ['/opt/lamplighter/', '.sh'],
  byPlace: { parameter: 'action', places: ['backup', 'validate', 'restore'] },
  parameters: {
    action: text('backup, validate or restore', '^(|backup|validate|restore)$'),
    path: text(
      'Absolute path of the file or folder, at least two names deep',
      '^(|(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){2,12})$',
    ),
    checkScript: text('Absolute path of the script that validates; exit code 0 means valid', linuxPath),
    checkTimeoutSeconds: seconds('How long the script that validates may take', '60'),
    restartId: text('The restart that the copy belongs to; set by Lamplighter', '^(|[A-Za-z0-9][A-Za-z0-9_-]{0,99})$'),
    executionTimeout,
  },
};
