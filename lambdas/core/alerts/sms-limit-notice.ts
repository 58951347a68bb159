// The one warning that the month's limit for SMS is reached.
import { bareDocument } from './bare-document.ts';
import { noticeOf, type NoticeText, type Place } from './notice.ts';

/** `month` as 2026-11; `sent` and `limit` are counted in the same unit, by whoever counts. */
export type SmsLimit = Readonly<{ month: string; limit: number; sent: number; at: number; place?: Place | undefined }>;

/** Builds every form of the message. */
export const buildSmsLimitNotice = ({ month, limit, sent, at, place }: SmsLimit): NoticeText =>
  noticeOf({
    ...bareDocument({ kind: 'sms_limit', level: 'warning', detectedAt: at, at, place }),
    headline: `SMS: the limit of ${limit} for ${month} is reached`,
    deduplicationKey: `sms_limit:${month}`,
    message: `${sent} SMS were sent in ${month}, and no more than ${limit} are allowed by the settings.`,
    next: 'Until the month is over, alerts go to all receivers except SMS, critical ones too: read your e-mail.',
    sms: { month, limit, sent },
  });
