// Sends one AWS command at most once, whatever the retry settings of its client. For orders without an idempotency
// token: an attempt whose outcome is unknown must not be repeated here, because the caller first looks whether it was
// taken.

type Send = <I, O>(next: (request: I) => Promise<O>) => (request: I) => Promise<O>;
type Command = Readonly<{
  middlewareStack: { add(middleware: Send, where: { step: 'finalizeRequest'; priority: 'low'; name: string }): void };
}>;

/**
 * Runs `send` for this command and throws what its only attempt threw. An error without name, code or status is not
 * retried.
 */
export async function atMostOnce<T>(command: Command, send: () => Promise<T>): Promise<T> {
  let fault: unknown;
  const once: Send = (next) => (request) =>
    next(request).catch((error: unknown) => {
      fault = error;
      throw new Error('not to be sent again');
    });
  command.middlewareStack.add(once, { step: 'finalizeRequest', priority: 'low', name: 'atMostOnce' });
  try {
    return await send();
  } catch (error) {
    throw fault ?? error;
  }
}
