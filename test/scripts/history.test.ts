// What counts as the drill's own action in an alarm's history, which holds those of other times and topics too.
import { describe, expect, it } from 'vitest';

import { outcomeOf } from '../../scripts/drill/history.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:Operators';
const MARK = '0a1b';
type Item = Parameters<typeof outcomeOf>[0][number];

const item = (HistoryItemType: string, at: number, HistorySummary: string, HistoryData = '{}'): Item => ({
  HistoryItemType,
  HistorySummary,
  HistoryData,
  Timestamp: new Date(at),
});
/** The data is cut off, as AWS does with what is too long. */
const ours = item(
  'StateUpdate',
  1_000,
  'Alarm updated from OK to ALARM',
  `{"newState":{"stateReason":"drill (${MARK})`,
);
const update = (at: number) => item('StateUpdate', at, 'Alarm updated from ALARM to OK');
const executed = (at: number, topic = TOPIC) => item('Action', at, `Successfully executed action ${topic}`);
const failed = (at: number) => item('Action', at, `Failed to execute action ${TOPIC}. Received error: "no"`);
const outcome = (...items: Item[]) => outcomeOf(items, MARK, TOPIC);

describe('the history of an alarm', () => {
  it('has not noted a drill whose mark is nowhere, whatever else was executed', () => {
    expect(outcome()).toEqual({ kind: 'unnoted' });
    expect(outcome(update(1_000), executed(1_001))).toEqual({ kind: 'unnoted' });
  });

  it('has an action of the drill between its change of state and the next', () => {
    expect(outcome(ours, executed(1_000))).toEqual({ kind: 'executed', at: new Date(1_000) });
    expect(outcome(executed(1_002), ours)).toEqual({ kind: 'executed', at: new Date(1_002) });
    expect(outcome(executed(2_000), update(2_000), executed(1_002), ours)).toMatchObject({ at: new Date(1_002) });
  });

  it.each([
    ['an earlier change of state', [executed(999)]],
    ['the all-clear', [update(2_000), executed(2_000), executed(2_001)]],
    ['a topic whose name begins alike', [executed(1_001, `${TOPIC}-too`)]],
    ['nothing that was an action', [item('ConfigurationUpdate', 1_001, `Successfully executed action ${TOPIC}`)]],
  ])('does not take for it what belongs to %s', (_what, items) => {
    expect(outcome(ours, ...items)).toEqual({ kind: 'noted' });
  });

  it('gives the reason of an action that failed', () => {
    expect(outcome(ours, failed(1_001))).toEqual({ kind: 'failed', reason: expect.stringContaining('"no"') });
  });
});
