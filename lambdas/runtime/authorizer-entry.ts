// A Lambda authorizer of an HTTP API (payload 2.0, simple answers). A rejection is an error of the invocation: API
// Gateway then answers 500, lets nobody in, and does not remember it.
import type { APIGatewaySimpleAuthorizerResult } from 'aws-lambda';
import * as z from 'zod/mini';

import { entry, type Finish, type Invocation } from './entry.ts';

const eventSchema = z.object({
  /** The very text under which API Gateway remembers the answer: by another header, two callers could be mixed up. */
  identitySource: z.nullish(z.array(z.string())),
  requestContext: z.object({ requestId: z.string() }),
});

/** `context` is what the api function finds under `requestContext.authorizer.lambda`. */
type Answer = APIGatewaySimpleAuthorizerResult & { context?: { user: string } };

/** `admit` returns the name of the person who is let in, or undefined. */
export function authorizerEntry(
  admit: (
    request: Readonly<{ authorization: string | undefined; correlationId: string }>,
    invocation: Invocation,
  ) => Promise<string | undefined>,
  finish: Finish,
) {
  return entry<unknown, Answer>(async (raw, invocation) => {
    const { identitySource, requestContext } = z.parse(eventSchema, raw);
    const request = { authorization: identitySource?.[0], correlationId: requestContext.requestId };
    const user = await admit(request, invocation);
    return user === undefined ? { isAuthorized: false } : { isAuthorized: true, context: { user } };
  }, finish);
}
