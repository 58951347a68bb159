// Sends a restart's command through SSM at most once, and finds it again by the order's id in its comment.
import { ListCommandsCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';

import type { SsmStep } from '../core/model/restart-spec.ts';
import { standardDocument } from '../core/registration/restart-way.ts';
import type { RestartOrder } from '../ports/restarter.ts';
import { atMostOnce } from './at-most-once.ts';
import { RestartError } from './restart-error.ts';
import { commandsPageSchema, sentSchema } from './ssm-answers.ts';

/** How long the agent may take to fetch the command; an agent that is online takes seconds. */
const DELIVERY_SECONDS = 60;
/** How much AWS's clock and ours may differ when commands are looked for. */
const CLOCK_SKEW_MS = 60_000;

const commentOf = (order: RestartOrder) => `lamplighter ${order.restartId}`.slice(0, 100);

/** The id of the command that was sent for this order, by whichever invocation. */
export async function findCommand(
  client: SSMClient,
  order: RestartOrder,
  signal: AbortSignal,
): Promise<string | undefined> {
  // Whole seconds: SSM accepts no fraction here.
  const after = new Date(order.begunAt - CLOCK_SKEW_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  let NextToken: string | undefined;
  do {
    const command = new ListCommandsCommand({
      Filters: [{ key: 'InvokedAfter', value: after }],
      MaxResults: 50,
      NextToken,
    });
    const page = commandsPageSchema.parse(await client.send(command, { abortSignal: signal }));
    const found = page.Commands.find((known) => known.Comment === commentOf(order));
    if (found) return found.CommandId;
    NextToken = page.NextToken;
  } while (NextToken);
  return undefined;
}

/**
 * Sends the step's command, with exactly this version of its document, and returns its id; throws if it reaches no
 * host.
 */
export async function sendCommand(
  client: SSMClient,
  step: SsmStep,
  order: RestartOrder & { pin: string },
  signal: AbortSignal,
): Promise<string> {
  const command = new SendCommandCommand({
    DocumentName: step.document,
    DocumentVersion: order.pin,
    InstanceIds: step.instanceIds,
    Parameters: parametersOf(step, order),
    Comment: commentOf(order),
    TimeoutSeconds: DELIVERY_SECONDS,
  });
  // SendCommand has no idempotency token: if it were repeated, the script could run twice.
  const sending = atMostOnce(command, () => client.send(command, { abortSignal: signal }));
  const { Command } = sentSchema.parse(await sending.catch((error: unknown) => refuse(step, error)));
  // For SSM, a command that reaches nobody is no error.
  if (Command.TargetCount === 0)
    throw new RestartError(`command ${Command.CommandId} reached no instance`, { isTransient: false });
  return Command.CommandId;
}

/**
 * SSM takes no command for a host that is stopping or gone. It knows so at once; for minutes more it still says that the
 * agent is online.
 */
function refuse({ instanceIds }: SsmStep, error: unknown): never {
  if (!(error instanceof Error && error.name === 'InvalidInstanceId')) throw error;
  const reason = `SSM takes no command for ${instanceIds.join(', ')}: a host is stopping or gone, or its agent is not registered`;
  throw new RestartError(reason, { isTransient: false, isRefusal: true, cause: error });
}

/** The step's own parameters and, for documents known to have them, the time limit and the id of the restart. */
function parametersOf(step: SsmStep, { restartId }: RestartOrder): Record<string, string[]> {
  const known = standardDocument(step.document)?.parameters ?? {};
  // One restart has several orders, and what one of them backs up, another restores.
  const ours = { executionTimeout: String(step.timeoutSeconds), restartId: restartId.replace(/-[ar]\d+$/, '') };
  const taken = Object.entries(ours).filter(([name]) => name in known);
  return Object.fromEntries([...taken, ...Object.entries(step.parameters)].map(([name, value]) => [name, [value]]));
}
