// How an alert gets to a chat or a webhook.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { Answer } from '../core/alerts/delivery/judge-answer.ts';

export interface Poster {
  /**
   * Posts once and follows no redirect. Resolves with any answer, whatever its status. Rejects when there is none
   * within ten seconds, or none that can be trusted; the error never names the address.
   */
  post(
    request: Readonly<{ url: string; body: string; headers: Readonly<Record<string, string>> }>,
    signal: AbortSignal,
  ): Promise<Answer>;
}

/** How a queue knows one delivery of a message; `tries` counts this one. */
export type Receipt = Readonly<{ receiptHandle: string; tries: number }>;

export interface DeliveryQueue {
  /** Makes the message come again after this many seconds, instead of at the queue's own pace. */
  again(receiptHandle: string, seconds: number, signal: AbortSignal): Promise<void>;
}
