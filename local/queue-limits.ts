// How each queue of one-machine mode is worked off: the one place for these numbers.

/** A queue is named after the function that works it off. */
export const queueNames = ['probe', 'restart', 'alert'] as const;
export type QueueName = (typeof queueNames)[number];
type QueueLimits = Readonly<{ batchSize: number; concurrency: number; visibilitySeconds: number }>;

/** Hidden for longer than the function may take, but not for long: after a crash, its messages stay hidden as well. */
export const queueLimits: Readonly<Record<QueueName, QueueLimits>> = {
  probe: { batchSize: 1, concurrency: 4, visibilitySeconds: 60 },
  restart: { batchSize: 1, concurrency: 4, visibilitySeconds: 30 },
  alert: { batchSize: 10, concurrency: 4, visibilitySeconds: 30 },
};
