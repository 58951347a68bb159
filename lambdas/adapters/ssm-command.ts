// Sends a restart's command through SSM at most once, and finds it again by the restart's id in its comment.
import { ListCommandsCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';

import { type SsmStep, STANDARD_DOCUMENTS } from '../core/restart-spec.ts';
import type { RestartOrder } from '../ports.ts';
import { RestartError } from './restart-error.ts';
import { commandsPageSchema, sentSchema } from './ssm-answers.ts';

/** How long the agent may take to fetch the command; an agent that is online takes seconds. */
const DELIVERY_SECONDS = 60;
/** AWS's clock and ours may differ by this much when commands are looked for. */
const CLOCK_SKEW_MS = 60_000;

const commentOf = (order: RestartOrder) => `lamplighter ${order.restartId}`.slice(0, 100);

/** The id of the command that was sent for this order, by whichever invocation of us. */
export async function findCommand(
  client: SSMClient,
  order: RestartOrder,
  signal: AbortSignal,
): Promise<string | undefined> {
  // Whole seconds: SSM takes no fraction here.
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

/** Sends the step's command and gives its id; throws when it reaches nobody. */
export async function sendCommand(
  client: SSMClient,
  step: SsmStep,
  order: RestartOrder,
  signal: AbortSignal,
): Promise<string> {
  const command = new SendCommandCommand({
    DocumentName: step.document,
    InstanceIds: step.instanceIds,
    Parameters: parametersOf(step),
    Comment: commentOf(order),
    TimeoutSeconds: DELIVERY_SECONDS,
  });
  const { Command } = sentSchema.parse(await atMostOnce(client, command, signal));
  // To SSM a command that reaches nobody is no error.
  if (Command.TargetCount === 0)
    throw new RestartError(`command ${Command.CommandId} reached no instance`, { isTransient: false });
  return Command.CommandId;
}

/**
 * SendCommand has no idempotency token: were an attempt with an unknown end repeated by the SDK itself, the script
 * could run twice. An error without name, code or status is one that the SDK does not retry; `find` comes next time.
 */
async function atMostOnce(client: SSMClient, command: SendCommandCommand, signal: AbortSignal): Promise<unknown> {
  let fault: unknown;
  command.middlewareStack.add(
    (next) => (request) =>
      next(request).catch((error: unknown) => {
        fault = error;
        throw new Error('not to be sent again');
      }),
    { step: 'finalizeRequest', priority: 'low', name: 'atMostOnce' },
  );
  try {
    return await client.send(command, { abortSignal: signal });
  } catch (error) {
    throw fault ?? error;
  }
}

/** The step's own parameters, and the time limit where the document is known to have a parameter for it. */
function parametersOf(step: SsmStep): Record<string, string[]> {
  const isStandard = STANDARD_DOCUMENTS.some((name) => name === step.document);
  const limit = isStandard ? { executionTimeout: String(step.timeoutSeconds) } : {};
  return Object.fromEntries(Object.entries({ ...limit, ...step.parameters }).map(([name, value]) => [name, [value]]));
}
