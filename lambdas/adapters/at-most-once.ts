// Sends one AWS command at most once, whatever the retries of its client say. For orders that have no idempotency token:
// an attempt with an unknown end must not be repeated, because whoever called looks first whether it was taken.

type Send = <I, O>(next: (request: I) => Promise<O>) => (request: I) => Promise<O>;
type Command = Readonly<{
  middlewareStack: { add(middleware: Send, where: { step: 'finalizeRequest'; priority: 'low'; name: string }): void };
}>;

/** Runs `send` for this command; throws what its only attempt threw. An error without name, code or status is not retried. */
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
