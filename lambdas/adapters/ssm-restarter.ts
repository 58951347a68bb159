// Restarts what runs on hosts, with an allow-listed SSM document: sends the command, finds it again, follows it.
import { GetCommandInvocationCommand, type SSMClient } from '@aws-sdk/client-ssm';

import type { RestartStep, SsmStep } from '../core/model/restart-spec.ts';
import { redact } from '../core/values/redact.ts';
import type { Clock } from '../ports/process.ts';
import type { Progress, Restarter, SentOrder } from '../ports/restarter.ts';
import { orFault, RestartError } from './restart-error.ts';
import { agentEvidence, refusalOfAgents } from './ssm-agents.ts';
import { type Fate, toFate } from './ssm-answers.ts';
import { findCommand, sendCommand } from './ssm-command.ts';
import { pinDocument, type PublishedDocument } from './ssm-document.ts';

/** SSM answers InvocationDoesNotExist right after SendCommand; after this long, the answer can be believed. */
const REGISTRATION_MS = 60_000;
const OUTPUT_CHARACTERS = 2_000;

export type SsmRestarterOptions = Readonly<{
  client: SSMClient;
  /** The only documents that may be sent, whatever a registration says. */
  documents: readonly PublishedDocument[];
  clock?: Clock;
}>;

/** A restarter for steps of kind `ssm`; throws `RestartError` if SSM cannot be asked. */
export function createSsmRestarter({ client, documents, clock = { now: Date.now } }: SsmRestarterOptions): Restarter {
  const publishedOf = (step: SsmStep) => documents.find(({ name }) => name === step.document);
  return {
    async inspect(step, signal) {
      const wanted = ssmStep(step);
      const published = publishedOf(wanted);
      if (!published) return { kind: 'refused', reason: notAllowed(wanted) };
      const refusal = await orFault('DescribeInstanceInformation', () => refusalOfAgents(client, wanted, signal));
      if (refusal !== undefined) return { kind: 'refused', reason: refusal };
      const pin = await orFault(`GetDocument ${published.name}`, () => pinDocument(client, published, signal));
      return pin.kind === 'refused' ? pin : { kind: 'ready', identity: '', pin: pin.version };
    },
    // The last words of the service itself are in the output of the command: its script collects them before it stops
    // anything, because only the script can.
    evidence: (step, signal) =>
      orFault('DescribeInstanceInformation', () => agentEvidence(client, ssmStep(step), signal)),
    find: (_step, order, signal) => orFault('ListCommands', () => findCommand(client, order, signal)),
    async send(step, order, signal) {
      const wanted = ssmStep(step);
      if (!publishedOf(wanted)) throw new RestartError(notAllowed(wanted), { isTransient: false });
      const { pin } = order;
      if (pin === undefined) throw new RestartError(`${wanted.document} was not inspected`, { isTransient: false });
      return await orFault(`SendCommand ${wanted.document}`, () =>
        sendCommand(client, wanted, { ...order, pin }, signal),
      );
    },
    look: (step, order, signal) =>
      orFault(`GetCommandInvocation ${order.handle}`, async () => {
        const fates: Fate[] = [];
        // One after the other: SSM's throttling limit is low, and a restart seldom has more than a few hosts.
        for (const instanceId of ssmStep(step).instanceIds)
          fates.push(await fateOf(client, { instanceId, order, now: clock.now() }, signal));
        return progressOf(order.handle, fates);
      }),
  };
}

const notAllowed = (step: SsmStep) => `the document ${step.document} is not among those that this deployment allows`;

function ssmStep(step: RestartStep): SsmStep {
  if (step.kind !== 'ssm') throw new TypeError(`a step of kind ${step.kind} is not for SSM`);
  return step;
}

type Asked = Readonly<{ instanceId: string; order: SentOrder; now: number }>;

async function fateOf(client: SSMClient, { instanceId, order, now }: Asked, signal: AbortSignal): Promise<Fate> {
  try {
    const command = new GetCommandInvocationCommand({ CommandId: order.handle, InstanceId: instanceId });
    return toFate(instanceId, await client.send(command, { abortSignal: signal }));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'InvocationDoesNotExist')) throw error;
    if (now - order.sentAt <= REGISTRATION_MS) return { kind: 'waiting', instanceId };
    return {
      kind: 'ended',
      instanceId,
      reason: `SSM knows of no command ${order.handle} for ${instanceId}`,
      output: '',
    };
  }
}

/**
 * Waits for every instance before it calls anything a failure, so that no script still runs when the next step begins.
 */
function progressOf(handle: string, fates: readonly Fate[]): Progress {
  const waiting = fates.filter((fate) => fate.kind === 'waiting');
  if (waiting.length > 0)
    return { kind: 'running', detail: `${waiting.length} of ${fates.length} hosts have not finished` };
  const ended = fates.flatMap((fate) => (fate.kind === 'ended' ? [fate] : []));
  if (ended.length > 0)
    return {
      kind: 'failed',
      reason: ended.map((fate) => fate.reason).join('; '),
      output: told(ended.map((fate) => fate.output).join('\n'), OUTPUT_CHARACTERS),
    };
  const detail = `the script succeeded on ${fates.length} ${fates.length === 1 ? 'host' : 'hosts'}`;
  return {
    kind: 'changed',
    identity: handle,
    detail,
    output: wordsOf(fates.filter((fate) => fate.kind === 'success')),
  };
}

/** The output of each host, an equal share of each. */
function wordsOf(fates: readonly Extract<Fate, { kind: 'success' }>[]): string | undefined {
  const share = Math.floor(OUTPUT_CHARACTERS / fates.length);
  const words = fates.map(({ instanceId, output }) => {
    const heading = fates.length > 1 ? `${instanceId}:\n` : '';
    const text = told(output, heading ? share - heading.length - 1 : share);
    return text && `${heading}${text}`;
  });
  return words.filter(Boolean).join('\n') || undefined;
}

/**
 * The end of the output, which has what happened last, with secrets removed. They are removed first, so that none is
 * cut in two.
 */
const told = (output: string, most: number): string | undefined => {
  const text = redact(output).trim();
  return text.slice(Math.max(0, text.length - most)) || undefined;
};
