// Commands of the local SSM: what is stored of one, and its state, derived from its files and the time at every
// request. Nothing has to be written when a script ends, so nothing is lost when nobody watches.
import { join } from 'node:path';

import * as z from 'zod';

import { readOutput, readRun } from './run.ts';

export const commandSchema = z.object({
  id: z.string(),
  document: z.string(),
  comment: z.string(),
  timeoutSeconds: z.number(),
  parameters: z.record(z.string(), z.array(z.string())),
  sentAt: z.number(),
  invocations: z.array(
    z.object({
      instanceId: z.string(),
      delivery: z.enum(['ok', 'undeliverable', 'delivery-timed-out', 'delayed']),
      cancelledAt: z.number().optional(),
      script: z.object({ text: z.string(), environment: z.record(z.string(), z.string()), timeoutSeconds: z.number() }),
    }),
  ),
});
export type LocalCommand = z.infer<typeof commandSchema>;
export type LocalInvocation = LocalCommand['invocations'][number];

/** SSM's limits on how much of a script's output it keeps, in characters. */
const OUTPUT_LIMITS = { stdout: 24_000, stderr: 8_000 } as const;
/** For how long after SendCommand SSM does not know the invocation yet. */
export const REGISTRATION_MS = 200;
const DELAY_MS = 2_000;

export const runFolder = (dataDir: string, command: LocalCommand, { instanceId }: LocalInvocation) =>
  join(dataDir, 'ssm', command.id, instanceId);

/** When the agent fetches the command (epoch ms); undefined if it never does. */
export function deliveredAt(command: LocalCommand, invocation: LocalInvocation): number | undefined {
  if (invocation.delivery === 'ok') return command.sentAt;
  return invocation.delivery === 'delayed' ? command.sentAt + DELAY_MS : undefined;
}
export const deliveryEndsAt = (command: LocalCommand) => command.sentAt + command.timeoutSeconds * 1_000;

type Fate = Readonly<{ status: string; details: string; code: number; startedAt?: number; endedAt?: number }>;
const fate = (status: string, more: Partial<Fate> = {}): Fate => ({ status, details: status, code: -1, ...more });

export function fateOf(dataDir: string, command: LocalCommand, invocation: LocalInvocation, now: number): Fate {
  const isCancelled = invocation.cancelledAt !== undefined;
  const run = readRun(runFolder(dataDir, command, invocation));
  switch (run.kind) {
    case 'not-started':
      if (isCancelled) return fate('Cancelled');
      if (invocation.delivery === 'undeliverable') return fate('Failed', { details: 'Undeliverable' });
      if (now >= deliveryEndsAt(command)) return fate('TimedOut', { details: 'DeliveryTimedOut' });
      return fate(invocation.delivery === 'delayed' ? 'Delayed' : 'Pending');
    case 'running':
      return fate(isCancelled ? 'Cancelling' : 'InProgress', { startedAt: run.startedAt });
    case 'exited':
      return fate(run.code === 0 ? 'Success' : 'Failed', run);
    case 'timed-out':
      return isCancelled ? fate('Cancelled', run) : fate('TimedOut', { ...run, details: 'ExecutionTimedOut' });
    case 'lost':
      return fate(isCancelled ? 'Cancelled' : 'Failed', run);
  }
}

const iso = (epochMs: number | undefined) => (epochMs === undefined ? '' : new Date(epochMs).toISOString());

/** GetCommandInvocation's answer. */
export function toInvocation(dataDir: string, command: LocalCommand, invocation: LocalInvocation, now: number) {
  const { status, details, code, startedAt, endedAt } = fateOf(dataDir, command, invocation, now);
  const folder = runFolder(dataDir, command, invocation);
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.document,
    Status: status,
    StatusDetails: details,
    ResponseCode: code,
    ExecutionStartDateTime: iso(startedAt),
    ExecutionEndDateTime: iso(endedAt),
    StandardOutputContent: endedAt === undefined ? '' : readOutput(folder, 'stdout', OUTPUT_LIMITS.stdout),
    StandardErrorContent: endedAt === undefined ? '' : readOutput(folder, 'stderr', OUTPUT_LIMITS.stderr),
  };
}

/** One line of ListCommands: the state of all invocations together. */
export function toCommand(dataDir: string, command: LocalCommand, now: number) {
  const fates = command.invocations.map((invocation) => fateOf(dataDir, command, invocation, now));
  const ended = fates.filter(({ status }) => !['Pending', 'Delayed', 'InProgress', 'Cancelling'].includes(status));
  const bad = ended.find(({ status }) => status !== 'Success');
  const waiting = fates.some(({ status }) => status === 'InProgress') ? 'InProgress' : 'Pending';
  const status = ended.length < fates.length ? waiting : (bad?.status ?? 'Success');
  return {
    CommandId: command.id,
    DocumentName: command.document,
    DocumentVersion: '1',
    Comment: command.comment,
    Parameters: command.parameters,
    InstanceIds: command.invocations.map(({ instanceId }) => instanceId),
    RequestedDateTime: command.sentAt / 1_000,
    ExpiresAfter: deliveryEndsAt(command) / 1_000,
    Status: status,
    StatusDetails: status,
    TimeoutSeconds: command.timeoutSeconds,
    TargetCount: fates.length,
    CompletedCount: ended.length,
    ErrorCount: ended.filter(({ status: one }) => one !== 'Success').length,
    DeliveryTimedOutCount: ended.filter(({ details }) => details === 'DeliveryTimedOut').length,
  };
}
