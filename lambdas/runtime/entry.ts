// How a function is entered: middy around the flow, its abort signal handed down, metrics flushed however it ends.
import { setTimeout as pause } from 'node:timers/promises';

import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';

/** What every flow is given beside its input. `signal` fires before Lambda would kill the function. */
export type Invocation = Readonly<{ signal: AbortSignal; requestId: string }>;
export type Finish = () => void;

/** Time left to write state and to answer after the signal has fired. */
const TIMEOUT_EARLY_MS = 800;
/** How long to wait for a flow that was cut off; the rest of that time is for the answer. */
const CLOSING_MS = 700;

/**
 * Wraps a plain function; a rejection is an error of the invocation, so that the error metric tells the truth. After
 * the signal the flow may still close its work: its own end is the answer if it comes in time.
 */
export function entry<E, R>(run: (event: E, invocation: Invocation) => Promise<R>, finish: Finish) {
  return middy<E, R, Error, Context>({ timeoutEarlyInMillis: TIMEOUT_EARLY_MS, timeoutEarlyResponse: outOfTime })
    .use({ after: finish, onError: finish })
    .handler((event: E, context: Context, { signal }: { signal: AbortSignal }) =>
      run(event, { signal, requestId: context.awsRequestId }),
    );
}

/** middy answers as soon as this settles; without it, it would fail the invocation the moment the signal fires. */
async function outOfTime(): Promise<never> {
  await pause(CLOSING_MS, undefined, { ref: false });
  throw new Error('the function ran out of time');
}

/** An entry for events of one schema; one that cannot be decoded fails the invocation with its faulty paths. */
export function scheduled<T>(
  schema: z.core.$ZodType<T>,
  run: (event: T, invocation: Invocation) => Promise<void>,
  finish: Finish,
) {
  return entry<unknown, void>((event, invocation) => run(z.parse(schema, event), invocation), finish);
}
