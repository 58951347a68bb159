// EventBridge Scheduler of one-machine mode: a tick at every whole minute, with the scheduled time as its input.

const MINUTE_MS = 60_000;

export type Scheduler = Readonly<{
  /** Ticks for the present minute as well, e.g. because something was registered in the middle of it. */
  soon(): void;
  stop(): void;
}>;

/** Ticks at once, and then at every whole minute. A tick that fails is reported; the next one comes all the same. */
export function startScheduler(
  tick: (scheduledTime: string) => Promise<void>,
  onError: (error: unknown) => void,
): Scheduler {
  let timer: NodeJS.Timeout;
  const run = () => {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    tick(new Date(minute).toISOString()).catch(onError);
  };
  const plan = () => {
    timer = setTimeout(
      () => {
        run();
        plan();
      },
      MINUTE_MS - (Date.now() % MINUTE_MS),
    );
  };
  run();
  plan();
  return { soon: run, stop: () => clearTimeout(timer) };
}
