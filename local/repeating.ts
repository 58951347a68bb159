// The schedules of one-machine mode other than the tick: a run at once, and then one at each interval.

/** Runs never overlap. A run that fails is reported; the next one comes all the same. */
export function startRepeating(
  run: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): Readonly<{ /** Resolves when the run under way has ended. */ stop(): Promise<void> }> {
  let last = Promise.resolve();
  const next = () => void (last = last.then(run).catch(onError));
  next();
  const timer = setInterval(next, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}
