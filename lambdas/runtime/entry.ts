// How a function is entered: middy around the flow, its abort signal handed down, metrics flushed however it ends.
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';

/** What every flow is given beside its input. `signal` fires before Lambda would kill the function. */
export type Invocation = Readonly<{ signal: AbortSignal; requestId: string }>;
export type Finish = () => void;

/** Time left to write state and to answer after the signal has fired. */
const TIMEOUT_EARLY_MS = 800;

/** Wraps a plain function; a rejection is an error of the invocation, so that the error metric tells the truth. */
export function entry<E, R>(run: (event: E, invocation: Invocation) => Promise<R>, finish: Finish) {
  return middy<E, R, Error, Context>({ timeoutEarlyInMillis: TIMEOUT_EARLY_MS })
    .use({ after: finish, onError: finish })
    .handler((event: E, context: Context, { signal }: { signal: AbortSignal }) =>
      run(event, { signal, requestId: context.awsRequestId }),
    );
}

/** An entry for events of one schema; one that cannot be decoded fails the invocation with its faulty paths. */
export function scheduled<T>(
  schema: z.ZodType<T>,
  run: (event: T, invocation: Invocation) => Promise<void>,
  finish: Finish,
) {
  return entry<unknown, void>((event, invocation) => run(schema.parse(event), invocation), finish);
}
