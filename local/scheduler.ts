// EventBridge Scheduler of one-machine mode: a tick at every whole minute, with the scheduled time as its input.

const MINUTE_MS = 60_000;
/** Every tick packs the rest of the minute again, so a flood of registrations must not cause a flood of ticks. */
const SOON_MS = 5_000;

export type Scheduler = Readonly<{
  /**
   * Ticks for the present minute as well, e.g. because a service was registered in the middle of it: once for all calls
   * within 5 s, at their end, and not at all if a whole minute comes before that.
   */
  soon(): void;
  stop(): void;
}>;

/** Ticks at once, and then at every whole minute. A tick that fails is reported; the next one comes all the same. */
export function startScheduler(
  tick: (scheduledTime: string) => Promise<void>,
  onError: (error: unknown) => void,
): Scheduler {
  let timer: NodeJS.Timeout;
  let extra: NodeJS.Timeout | undefined;
  const run = () => {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    tick(new Date(minute).toISOString()).catch(onError);
  };
  const untilMinute = () => MINUTE_MS - (Date.now() % MINUTE_MS);
  const plan = () => {
    timer = setTimeout(() => {
      run();
      plan();
    }, untilMinute());
  };
  run();
  plan();
  return {
    soon() {
      if (extra !== undefined || untilMinute() <= SOON_MS) return;
      extra = setTimeout(() => {
        extra = undefined;
        run();
      }, SOON_MS);
    },
    stop() {
      clearTimeout(timer);
      clearTimeout(extra);
    },
  };
}
