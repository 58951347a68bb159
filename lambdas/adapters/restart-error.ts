// The one family of faults that restarters throw, and how an SDK error becomes one. Message text decides nothing.
import * as z from 'zod/mini';

/** A restarter could not ask or order. `isTransient`: the same call may succeed later; otherwise a person must act. */
export class RestartError extends Error {
  readonly isTransient: boolean;
  constructor(message: string, options: { isTransient: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'RestartError';
    this.isTransient = options.isTransient;
  }
}

const sdkErrorSchema = z.object({
  name: z._default(z.string(), 'Error'),
  message: z._default(z.string(), ''),
  code: z.catch(z.optional(z.string()), undefined),
  $retryable: z.optional(z.unknown()),
  $metadata: z._default(z.catch(z.object({ httpStatusCode: z.optional(z.number()) }), {}), {}),
});

/** Cut-off calls, throttling and lapsed credentials: the next invocation may do better. */
const transientNames =
  /^(AbortError|TimeoutError|Throttl\w*|TooManyRequestsException|RequestLimitExceeded|ServerException|InternalServerError|ExpiredToken(Exception)?)$/;
const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** Wraps what an SDK call threw; `what` says in words what was tried, e.g. `UpdateService prod/billing`. */
export function toRestartError(what: string, thrown: unknown): RestartError {
  if (thrown instanceof RestartError) return thrown;
  const { data } = sdkErrorSchema.safeParse(thrown);
  const status = data?.$metadata.httpStatusCode ?? 0;
  const isTransient =
    data !== undefined &&
    (data.$retryable !== undefined ||
      status === 429 ||
      status >= 500 ||
      transientNames.test(data.name) ||
      networkCodes.test(data.code ?? ''));
  return new RestartError(`${what}: ${data ? `${data.name}: ${data.message}` : 'unknown fault'}`, {
    isTransient,
    cause: thrown,
  });
}
