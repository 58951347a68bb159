// A monthly limit for text messages: they are counted before a notice is published, and past the limit the notice goes
// to all but SMS. If SNS refused the notice or was not reached, the count is taken back, so that an outage of SNS uses
// nothing up. A death in between counts twice; messages that SNS sent although it answered with an error are not
// counted.
import { NO_SMS } from '../contract/alert-formats.ts';
import { smsCopies, type SmsRule } from '../core/alerts/delivery/sms-copies.ts';
import type { Place } from '../core/alerts/notice.ts';
import { buildSmsLimitNotice } from '../core/alerts/sms-limit-notice.ts';
import type { AlertSink, Notice, SmsCounter } from '../ports/alerts.ts';
import type { Clock, Log } from '../ports/process.ts';
import { CLAIM_MS } from './tell-ports.ts';

export type SmsLimitPorts = Readonly<{
  rule: SmsRule;
  counter: SmsCounter;
  place: Place;
  clock: Clock;
  log: Log;
}>;

/** The sink with the limit in front of it. Rejects if the count cannot be written: the notice comes again. */
export function withinSmsLimit(sink: AlertSink, { rule, counter, place, clock, log }: SmsLimitPorts): AlertSink {
  const { monthlyLimit: limit, numbers } = rule;

  /** Once a month, under one deduplication key; sent twice only if the function died after sending. */
  async function warn(signal: AbortSignal): Promise<void> {
    const at = clock.now();
    const sent = await counter.claimWarning(at, at + CLAIM_MS, signal);
    if (sent === undefined) return;
    const month = new Date(at).toISOString().slice(0, 7);
    await sink.publish(withoutSms(buildSmsLimitNotice({ month, limit, sent, at, place })), signal);
    await counter.warned(at, signal);
  }

  async function publishCounted(notice: Notice, { at, copies }: Counted, signal: AbortSignal): Promise<void> {
    try {
      await sink.publish(notice, signal);
    } catch (error) {
      if (wasRefused(error))
        await counter
          .giveBack(at, copies, signal)
          .catch((fault: unknown) => log.warn('a text message that was not sent stays counted', { error: fault }));
      throw error;
    }
  }

  return {
    async publish(notice, signal) {
      const copies = smsCopies(notice.attributes, numbers);
      if (copies === 0) return await sink.publish(notice, signal);
      const at = clock.now();
      if (await counter.count(at, copies, limit, signal)) return await publishCounted(notice, { at, copies }, signal);
      await sink.publish(withoutSms(notice), signal);
      // The alert itself was sent and must not come again because of this. The next one past the limit tries once more.
      await warn(signal).catch((error: unknown) => log.warn('the limit of text messages was not told of', { error }));
    },
  };
}

type Counted = Readonly<{ at: number; copies: number }>;

const wasRefused = (error: unknown): boolean =>
  error instanceof Error && 'wasRefused' in error && error.wasRefused === true;

const withoutSms = (notice: Notice): Notice => ({ ...notice, attributes: { ...notice.attributes, [NO_SMS]: 'yes' } });
