// Run Command: send, look, list, cancel. Refusals have the names that SSM gives them.
import { randomUUID } from 'node:crypto';

import type { Collection } from '../../storage.ts';
import { AwsFault, type JsonService } from '../wire.ts';
import {
  fateOf,
  type LocalCommand,
  type LocalInvocation,
  REGISTRATION_MS,
  runFolder,
  toCommand,
  toInvocation,
} from './commands.ts';
import type { LocalInstance } from './config.ts';
import { documentOf, type LocalDocument, platformsOf, renderScript, settleParameters } from './documents.ts';
import { decode, inputs, pageOf } from './inputs.ts';
import { cancelRun } from './run.ts';

export type CommandContext = Readonly<{
  commands: Collection<LocalCommand>;
  documents: ReadonlyMap<string, LocalDocument>;
  instances: readonly LocalInstance[];
  dataDir: string;
  now: () => number;
  /** Makes the agents fetch their part, now or when it is time. */
  deliver: (command: LocalCommand) => void;
}>;

export function commandOperations(context: CommandContext): JsonService['operations'] {
  const { commands, dataDir, now } = context;
  const invocationView = (command: LocalCommand, invocation: LocalInvocation) =>
    toInvocation(dataDir, command, invocation, now());

  async function listed(input: unknown) {
    const { CommandId, InstanceId, Filters, ...page } = decode(inputs.list, input);
    const all = (await commands.all()).map(([, command]) => command);
    const found = all
      .filter(({ id }) => CommandId === undefined || id === CommandId)
      .filter(({ invocations }) => InstanceId === undefined || invocations.some((one) => one.instanceId === InstanceId))
      .filter((command) =>
        Filters.every((filter) => isMatch(command, toCommand(dataDir, command, now()).Status, filter)),
      )
      .sort((one, other) => other.sentAt - one.sentAt);
    return { ...page, found, InstanceId };
  }

  return {
    async SendCommand(input) {
      const command = newCommand(context, input);
      // Stored before it is started: a crash in between leaves a command that the next start begins.
      await commands.put(command.id, command);
      context.deliver(command);
      return { Command: toCommand(dataDir, command, now()) };
    },

    async GetCommandInvocation(input) {
      const { CommandId, InstanceId } = decode(inputs.invocation, input);
      const command = await commands.get(CommandId);
      const invocation = command?.invocations.find(({ instanceId }) => instanceId === InstanceId);
      if (!command || !invocation || now() < command.sentAt + REGISTRATION_MS)
        throw new AwsFault('InvocationDoesNotExist', `there is no invocation of ${CommandId} on ${InstanceId}`);
      return invocationView(command, invocation);
    },

    async ListCommands(input) {
      const { found, ...page } = await listed(input);
      const { items, NextToken } = pageOf(found, page);
      return { Commands: items.map((command) => toCommand(dataDir, command, now())), NextToken };
    },

    async ListCommandInvocations(input) {
      const { found, InstanceId, ...page } = await listed(input);
      const all = found.flatMap((command) =>
        command.invocations
          .filter(({ instanceId }) => InstanceId === undefined || instanceId === InstanceId)
          .map((invocation) => invocationView(command, invocation)),
      );
      const { items, NextToken } = pageOf(all, page);
      return { CommandInvocations: items, NextToken };
    },

    async CancelCommand(input) {
      const { CommandId, InstanceIds } = decode(inputs.cancel, input);
      const command = await commands.get(CommandId);
      if (!command) throw new AwsFault('InvalidCommandId', `there is no command ${CommandId}`);
      const isMeant = (one: LocalInvocation) => InstanceIds.length === 0 || InstanceIds.includes(one.instanceId);
      const isOpen = (one: LocalInvocation) => isUnfinished(fateOf(dataDir, command, one, now()).status);
      const ending = command.invocations.filter((one) => isMeant(one) && isOpen(one));
      const invocations = command.invocations.map((one) =>
        ending.includes(one) ? { ...one, cancelledAt: now() } : one,
      );
      await commands.put(command.id, { ...command, invocations });
      await Promise.all(ending.map((one) => cancelRun(runFolder(dataDir, command, one))));
      return {};
    },
  };
}

const isUnfinished = (status: string) => ['Pending', 'Delayed', 'InProgress', 'Cancelling'].includes(status);

function newCommand({ documents, instances, now }: CommandContext, input: unknown): LocalCommand {
  const asked = decode(inputs.send, input);
  const document = documentOf(documents, asked.DocumentName, asked.DocumentVersion);
  const targets = asked.InstanceIds.map((id) => {
    const instance = instances.find((one) => one.id === id && one.pingStatus === 'Online');
    if (!instance) throw new AwsFault('InvalidInstanceId', `instance ${id} is not in a valid state`);
    if (!platformsOf(document).includes(instance.platform))
      throw new AwsFault('UnsupportedPlatformType', `${document.name} is not for ${instance.platform}`);
    return instance;
  });
  const values = settleParameters(document, asked.Parameters);
  return {
    id: randomUUID(),
    document: document.name,
    comment: asked.Comment,
    timeoutSeconds: asked.TimeoutSeconds,
    parameters: asked.Parameters,
    sentAt: now(),
    invocations: targets.map(({ id, delivery, agentVersion }) => ({
      instanceId: id,
      delivery,
      script: renderScript(document, values, agentVersion),
    })),
  };
}

function isMatch(command: LocalCommand, status: string, { key, value }: { key: string; value: string }): boolean {
  switch (key) {
    case 'InvokedAfter':
      return command.sentAt > Date.parse(value);
    case 'InvokedBefore':
      return command.sentAt < Date.parse(value);
    case 'Status':
      return status === value;
    default:
      return command.document === value;
  }
}
