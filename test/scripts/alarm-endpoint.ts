// As much of CloudWatch and SNS as a drill asks, on their wire: alarms with states and a history, a topic with its
// subscriptions. Neither moto nor MiniStack writes into the history what an alarm's actions did.
import type { AddressInfo } from 'node:net';

import { AwsFault, awsServer } from '../../local/aws/wire.ts';

type HistoryItem = { HistoryItemType: string; HistorySummary: string; HistoryData: string; Timestamp: number };
type Alarm = {
  AlarmName: string;
  StateValue: string;
  StateReason?: string;
  ActionsEnabled?: boolean;
  AlarmActions?: string[];
};
export type Subscription = { arn: string; protocol: string; endpoint: string };
export type Endpoint = Readonly<{ url: string; alarms: Alarm[]; history: HistoryItem[]; close(): Promise<void> }>;

export const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:Lamplighter-SelfWatchTopic';
export const REFUSAL = `Failed to execute action ${TOPIC}. Received error: "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: ${TOPIC}"`;

/**
 * `looks` is how often the history is asked before it has the action; `action` what becomes of it. As in AWS, an alarm
 * acts on a change of its state only, and the all-clear calls the same topic.
 */
export async function openEndpoint(given: {
  alarms: Alarm[];
  subscriptions: Subscription[];
  action?: 'executed' | 'failed' | 'none' | 'for the all-clear only';
  looks?: number;
}): Promise<Endpoint> {
  const { alarms, subscriptions, action = 'executed', looks = 2 } = given;
  const history: HistoryItem[] = [];
  let looksLeft = Number.POSITIVE_INFINITY;
  const note = (HistoryItemType: string, HistorySummary: string, data: object, laterMs = 0) =>
    history.push({
      HistoryItemType,
      HistorySummary,
      HistoryData: JSON.stringify(data),
      Timestamp: (Date.now() + laterMs) / 1_000,
    });
  const change = (alarm: Alarm, StateValue: string, StateReason: string, laterMs = 0) => {
    note(
      'StateUpdate',
      `Alarm updated from ${alarm.StateValue} to ${StateValue}`,
      { newState: { stateValue: StateValue, stateReason: StateReason } },
      laterMs,
    );
    Object.assign(alarm, { StateValue, StateReason });
  };
  const executed = (laterMs = 0) =>
    note('Action', `Successfully executed action ${TOPIC}`, { actionState: 'Succeeded', error: null }, laterMs);

  function actNow(): void {
    if (action === 'executed') executed();
    if (action === 'failed') note('Action', REFUSAL, { actionState: 'Failed' });
    if (action === 'for the all-clear only') {
      const [alarm] = alarms;
      if (alarm) change(alarm, 'OK', 'Threshold Crossed', 1_000);
      executed(1_001);
    }
  }

  const operations = {
    DescribeAlarms: (input: unknown) => {
      const { AlarmNames, AlarmNamePrefix = '' } = input as { AlarmNames?: string[]; AlarmNamePrefix?: string };
      const isWanted = ({ AlarmName }: Alarm) =>
        AlarmNames?.includes(AlarmName) ?? AlarmName.startsWith(AlarmNamePrefix);
      return { MetricAlarms: alarms.filter(isWanted) };
    },
    SetAlarmState: (input: unknown) => {
      const { AlarmName, StateValue, StateReason } = input as {
        AlarmName: string;
        StateValue: string;
        StateReason: string;
      };
      const alarm = alarms.find((each) => each.AlarmName === AlarmName);
      if (!alarm) throw new AwsFault('ResourceNotFound', AlarmName, 404);
      if (alarm.StateValue !== StateValue) {
        change(alarm, StateValue, StateReason);
        looksLeft = looks;
      }
      return {};
    },
    DescribeAlarmHistory: () => {
      if (looksLeft-- === 0) actNow();
      return { AlarmHistoryItems: history.toReversed() };
    },
  };
  const page = (query: URLSearchParams): Promise<string> => {
    // A page each, so that whoever reads the first alone is found out.
    const at = Number(query.get('NextToken') ?? 0);
    const member = ({ arn, protocol, endpoint }: Subscription) =>
      `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>${protocol}</Protocol><Endpoint>${endpoint}</Endpoint><TopicArn>${TOPIC}</TopicArn></member>`;
    const next = at + 1 < subscriptions.length ? `<NextToken>${at + 1}</NextToken>` : '';
    return Promise.resolve(
      `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${subscriptions
        .slice(at, at + 1)
        .map(member)
        .join('')}</Subscriptions>${next}</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
    );
  };
  const server = awsServer({
    json: [{ target: 'GraniteServiceVersion20100801', operations }],
    query: page,
    dynamodb: (_request, response) => void response.writeHead(404).end(),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alarms,
    history,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
