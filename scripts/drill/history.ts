// What CloudWatch's history of an alarm says about a drill. Pure.
import * as z from 'zod';

/** From `DescribeAlarmHistory`; the data is JSON for machines, and may be cut off. */
export const historySchema = z.object({
  AlarmHistoryItems: z
    .array(
      z.object({
        HistoryItemType: z.string(),
        HistorySummary: z.string().default(''),
        HistoryData: z.string().default(''),
        Timestamp: z.date(),
      }),
    )
    .default([]),
  NextToken: z.string().optional(),
});
type Item = z.infer<typeof historySchema>['AlarmHistoryItems'][number];

export type DrillOutcome =
  /** The new state is not in the history yet. */
  | { kind: 'unnoted' }
  /** The state has changed; the call of the topic is not in the history yet. */
  | { kind: 'noted' }
  | { kind: 'executed'; at: Date }
  | { kind: 'failed'; reason: string };

/**
 * The outcome of the drill whose reason contains `mark`. Actions for other changes of state, before or after, do not
 * count: the all-clear calls the same topic.
 */
export function outcomeOf(items: readonly Item[], mark: string, topicArn: string): DrillOutcome {
  const changes = items.filter(({ HistoryItemType }) => HistoryItemType === 'StateUpdate');
  const ours = changes.find(({ HistoryData }) => HistoryData.includes(mark));
  if (!ours) return { kind: 'unnoted' };
  const from = ours.Timestamp.getTime();
  const later = changes.map(({ Timestamp }) => Timestamp.getTime()).filter((at) => at > from);
  const until = Math.min(...later);
  const done = items.find(
    ({ HistoryItemType, HistorySummary, Timestamp }) =>
      HistoryItemType === 'Action' &&
      namesTopic(HistorySummary, topicArn) &&
      Timestamp.getTime() >= from &&
      Timestamp.getTime() < until,
  );
  if (!done) return { kind: 'noted' };
  if (done.HistorySummary.startsWith('Successfully')) return { kind: 'executed', at: done.Timestamp };
  return { kind: 'failed', reason: done.HistorySummary };
}

/** The whole word, because one topic's name may begin with another's. */
const namesTopic = (summary: string, topicArn: string) =>
  summary.split(/\s+/).some((word) => word === topicArn || word === `${topicArn}.`);
