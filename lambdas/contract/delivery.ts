// How often an alert is handed to a receiver. The queue counts the tries; core decides how long to wait between them.
/** Tries for one receiver before the alert goes to its dead-letter queue. */
export const DELIVERY_TRIES = 10;
