// How often an alert is handed to a receiver: the queue counts, and what is waited between tries is core's.
/** Tries of one receiver before the alert lies in its dead-letter queue. */
export const DELIVERY_TRIES = 10;
