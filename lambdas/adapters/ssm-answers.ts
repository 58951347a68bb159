// The parts of SSM's answers that a restart needs. Fields that AWS adds are ignored.
import * as z from 'zod/mini';

import { redact } from '../core/values/redact.ts';

const FAILED = 'failed: ';
const REASON_CHARACTERS = 300;

export const sentSchema = z.object({
  Command: z.object({ CommandId: z.string().check(z.minLength(1)), TargetCount: z.optional(z.number()) }),
});

export const documentAnswer = z.object({ Content: z.string(), DocumentVersion: z.string().check(z.minLength(1)) });

export const commandsPageSchema = z.object({
  Commands: z._default(z.array(z.object({ CommandId: z.string(), Comment: z._default(z.string(), '') })), []),
  NextToken: z.optional(z.string()),
});

const agentSchema = z.object({
  InstanceId: z.string(),
  PingStatus: z._default(z.string(), 'unknown'),
  LastPingDateTime: z.optional(z.date()),
  AgentVersion: z.optional(z.string()),
  PlatformName: z.optional(z.string()),
  PlatformVersion: z.optional(z.string()),
});
export type Agent = z.infer<typeof agentSchema>;

export const instancesPageSchema = z.object({
  InstanceInformationList: z._default(z.array(agentSchema), []),
  NextToken: z.optional(z.string()),
});

const invocationSchema = z.object({
  Status: z.string(),
  StatusDetails: z._default(z.string(), ''),
  ResponseCode: z._default(z.number(), -1),
  StandardOutputContent: z._default(z.string(), ''),
  StandardErrorContent: z._default(z.string(), ''),
});

/** The outcome of a command on one instance. `ended` is a failure. The output is as the script wrote it. */
export type Fate =
  | { kind: 'waiting'; instanceId: string }
  | { kind: 'success'; instanceId: string; output: string }
  | { kind: 'ended'; instanceId: string; reason: string; output: string };

/** Reads GetCommandInvocation's answer. SSM writes "Delivery Timed Out" in one place and DeliveryTimedOut in others. */
export function toFate(instanceId: string, answer: unknown): Fate {
  const invocation = invocationSchema.parse(answer);
  const status = squeeze(invocation.Status);
  if (['pending', 'inprogress', 'delayed', 'cancelling'].includes(status)) return { kind: 'waiting', instanceId };
  const { StandardErrorContent: complaint } = invocation;
  const output = [invocation.StandardOutputContent, complaint].filter((part) => part !== '').join('\n');
  if (status === 'success') return { kind: 'success', instanceId, output };
  const details = squeeze(invocation.StatusDetails) || status;
  return {
    kind: 'ended',
    instanceId,
    reason: reasonOf(details, instanceId, failureOf(invocation.ResponseCode, complaint)),
    output,
  };
}

const squeeze = (status: string) => status.replaceAll(/\s/g, '').toLowerCase();

/** The exit code, and the script's reason: its last line that begins with `failed: `, as in our own scripts. */
function failureOf(exitCode: number, complaint: string): string {
  const said = complaint.split('\n').findLast((line) => line.startsWith(FAILED));
  const reason = said === undefined ? '' : `: ${said.slice(FAILED.length).trim().slice(0, REASON_CHARACTERS)}`;
  return `with exit code ${exitCode}${redact(reason)}`;
}

function reasonOf(details: string, instanceId: string, failure: string): string {
  switch (details) {
    case 'deliverytimedout':
      return `the command could not be delivered to ${instanceId}: its agent did not fetch it in time`;
    case 'undeliverable':
      return `the command could not be delivered to ${instanceId}: there is no such instance, or it does not answer`;
    case 'executiontimedout':
    case 'timedout':
      return `the script ran out of time on ${instanceId} and was ended`;
    case 'cancelled':
      return `the command was cancelled on ${instanceId}`;
    case 'terminated':
      return `the command was ended on ${instanceId}, because it had failed on others`;
    case 'failed':
      return `the script failed on ${instanceId} ${failure}`;
    default:
      return `the command ended on ${instanceId} as ${details}`;
  }
}
