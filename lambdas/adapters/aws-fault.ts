// Tells transient faults of AWS from lasting ones, by the type of the error and never by its text.
import * as z from 'zod/mini';

const errorSchema = z.object({
  name: z._default(z.string(), 'Error'),
  code: z.catch(z.optional(z.string()), undefined),
  $fault: z.optional(z.unknown()),
  $retryable: z.optional(z.unknown()),
  $metadata: z._default(z.catch(z.object({ httpStatusCode: z.optional(z.number()) }), {}), {}),
});

/** Cut-off calls, throttling and expired credentials: the next invocation may succeed. */
const passingNames =
  /^(AbortError|TimeoutError|Throttl\w*|TooManyRequestsException|RequestLimitExceeded|OverLimit|ServerException|InternalServerError|ExpiredToken(Exception)?)$/;
const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** AWS could not be reached, so nothing was sent. */
const noWayCodes = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;

/**
 * Whether this one try of a call certainly had no effect: AWS answered with a refusal, or could not be reached at all.
 * A request that was sent and not answered may have been carried out. AWS's own faults (5xx) count as a refusal, which
 * is likely but not certain.
 */
export function cameToNothing(error: unknown): boolean {
  const { data } = errorSchema.safeParse(error);
  return (data?.$metadata.httpStatusCode ?? 0) >= 400 || noWayCodes.test(data?.code ?? '');
}

/**
 * Whether the same call may succeed a little later: AWS's own fault, throttling, or no answer at all (refused, reset,
 * timed out, aborted). A rejected input, a missing right, a missing queue or missing credentials are lasting; so is
 * every fault that is not known to be transient.
 */
export function isTransientFault(error: unknown): boolean {
  const { data } = errorSchema.safeParse(error);
  if (!data) return false;
  const status = data.$metadata.httpStatusCode ?? 0;
  return (
    data.$fault === 'server' ||
    data.$retryable !== undefined ||
    status === 429 ||
    status >= 500 ||
    passingNames.test(data.name) ||
    networkCodes.test(data.code ?? '')
  );
}
