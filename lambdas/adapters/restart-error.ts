// The one family of faults that restarters throw, and how an SDK error becomes one. Message text decides nothing.
import * as z from 'zod';

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
  name: z.string().default('Error'),
  message: z.string().default(''),
  code: z.string().optional().catch(undefined),
  $retryable: z.unknown().optional(),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).catch({}).default({}),
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
