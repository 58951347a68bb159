// A custom resource of CloudFormation: whatever happens, CloudFormation is answered, because it would otherwise wait for
// an hour.
import * as z from 'zod/mini';

import type { Log } from '../ports/process.ts';
import { entry, type Finish, type Invocation } from './entry.ts';

const eventSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.optional(z.string()),
  /** CloudFormation makes text of every number, so the document itself comes as JSON. */
  ResourceProperties: z.object({ Document: z.optional(z.string()) }),
});
export type StackEvent = z.infer<typeof eventSchema>;

/** What CloudFormation shows of a failure is cut at this length. */
const REASON_LIMIT = 1_000;
/** The resource of a creation that failed; its deletion finds nothing to remove. */
const NOTHING = 'nothing-was-registered';

/** `run` answers the physical id: a new one makes CloudFormation delete the old. */
export function stackEntry(
  run: (event: StackEvent, invocation: Invocation) => Promise<string>,
  log: () => Log,
  finish: Finish,
) {
  return entry<unknown, void>(async (raw, invocation) => {
    const event = z.parse(eventSchema, raw);
    const known = event.PhysicalResourceId ?? NOTHING;
    try {
      const id = event.RequestType === 'Delete' && known === NOTHING ? NOTHING : await run(event, invocation);
      await answer(event, { Status: 'SUCCESS', PhysicalResourceId: id });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'fault';
      log().error('a stack could not be followed', { resource: event.LogicalResourceId, reason });
      await answer(event, { Status: 'FAILED', PhysicalResourceId: known, Reason: reason.slice(0, REASON_LIMIT) });
    }
  }, finish);
}

async function answer(event: StackEvent, result: Readonly<Record<string, string>>): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...result });
  // The address is signed for just these headers.
  const response = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: ${response.status}`);
}
