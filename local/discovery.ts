// The schedule of discovery in one-machine mode: a run at once, and then every five minutes, as in the stack.

const EVERY_MS = 300_000;

/** Runs never overlap. One that fails is reported; the next one comes all the same. */
export function startDiscovery(
  run: () => Promise<void>,
  onError: (error: unknown) => void,
): Readonly<{ /** Resolves when the run under way has ended. */ stop(): Promise<void> }> {
  let last = Promise.resolve();
  const next = () => void (last = last.then(run).catch(onError));
  next();
  const timer = setInterval(next, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}
