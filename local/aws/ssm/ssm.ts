// SSM of one-machine mode: Run Command with this machine as every instance, and Parameter Store. The SDK clients are
// the real ones; statuses, limits and refusals are SSM's.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Storage } from '../../storage.ts';
import type { JsonService } from '../wire.ts';
import { catalogueOperations } from './catalogue.ts';
import {
  commandSchema,
  deliveredAt,
  deliveryEndsAt,
  type LocalCommand,
  type LocalInvocation,
  runFolder,
} from './commands.ts';
import type { SsmConfig } from './config.ts';
import { readDocuments } from './documents.ts';
import { commandOperations } from './operations.ts';
import { parameterOperations } from './parameters.ts';
import { beginRun } from './run.ts';

/** How long SSM keeps commands. */
const KEPT_MS = 30 * 24 * 3_600_000;

export type LocalSsmOptions = Readonly<{
  storage: Storage;
  config: SsmConfig;
  /** Scripts, their output and their results are in its folder `ssm/`. */
  dataDir: string;
  /** The standard documents; those of the folder `config.documents` are added. */
  documents: readonly { name: string; content: unknown }[];
  clock?: { now(): number };
}>;

/**
 * `start` resumes what an earlier process left: ended commands have their result, running ones are followed, and those
 * that were stored and not started are started, once. `stop` ends no script.
 */
export function createLocalSsm({ storage, config, dataDir, documents, clock = { now: Date.now } }: LocalSsmOptions) {
  const now = () => clock.now();
  const home = resolve(dataDir);
  const commands = storage.collection('ssm-commands', commandSchema);
  const known = readDocuments(documents, config.documents);
  const timers = new Set<NodeJS.Timeout>();
  const environment = {
    LAMPLIGHTER_LOG_DIR: join(home, 'ssm', 'logs'),
    LAMPLIGHTER_BACKUP_DIR: join(home, 'ssm', 'backup'),
  };

  function deliver(command: LocalCommand): void {
    for (const invocation of command.invocations) {
      const at = deliveredAt(command, invocation);
      if (at === undefined) continue;
      if (at <= now()) begin(command, invocation);
      else later(at - now(), command.id, invocation.instanceId);
    }
  }

  function begin(command: LocalCommand, invocation: LocalInvocation): void {
    const isTooLate = invocation.cancelledAt !== undefined || now() >= deliveryEndsAt(command);
    if (!isTooLate) beginRun(runFolder(home, command, invocation), invocation.script, environment);
  }

  function later(delayMs: number, commandId: string, instanceId: string): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      // Read again: it may have been cancelled meanwhile.
      commands.get(commandId).then(
        (command) => {
          const invocation = command?.invocations.find((one) => one.instanceId === instanceId);
          if (command && invocation) begin(command, invocation);
        },
        (error: unknown) => console.error(`SSM command ${commandId} could not be read:`, error),
      );
    }, delayMs);
    timers.add(timer);
  }

  const service: JsonService = {
    target: 'AmazonSSM',
    operations: {
      ...commandOperations({ commands, documents: known, instances: config.instances, dataDir: home, now, deliver }),
      ...catalogueOperations(config.instances, known, now),
      ...parameterOperations(storage, config.parameters, now),
    },
  };

  return {
    service,
    async start(): Promise<void> {
      for (const [id, command] of await commands.all()) {
        if (command.sentAt >= now() - KEPT_MS) deliver(command);
        else {
          rmSync(join(home, 'ssm', id), { recursive: true, force: true });
          await commands.remove(id);
        }
      }
    },
    async stop(): Promise<void> {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
