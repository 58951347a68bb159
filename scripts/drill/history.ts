// What CloudWatch's history of an alarm says of a drill. Pure.
import * as z from 'zod';

/** Of `DescribeAlarmHistory`; the data is JSON for machines, and may be cut off. */
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
  /** The state has changed; that the topic was called is not in the history yet. */
  | { kind: 'noted' }
  | { kind: 'executed'; at: Date }
  | { kind: 'failed'; reason: string };

/**
 * How the drill fares whose reason holds `mark`. What was done for another change of state, before or after, does not
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

/** Whole, for one topic's name may begin with another's. */
const namesTopic = (summary: string, topicArn: string) =>
  summary.split(/\s+/).some((word) => word === topicArn || word === `${topicArn}.`);
