// The alarm that is set off: its present state, and reasons not to set it off.
import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';

import { DrillError } from './drill-error.ts';

const answerSchema = z.object({
  MetricAlarms: z
    .array(
      z.object({
        AlarmName: z.string(),
        StateValue: z.string(),
        StateReason: z.string().default(''),
        ActionsEnabled: z.boolean().default(true),
        AlarmActions: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  NextToken: z.string().optional(),
});
export type ReadyAlarm = Readonly<{ name: string; state: string; topicArn: string }>;

/**
 * The alarm and the topic that it calls. Throws a DrillError if there is none, or if setting it off would tell nobody.
 */
export async function readyAlarm(client: CloudWatchClient, alarmName: string, stack: string): Promise<ReadyAlarm> {
  const answer = await client.send(new DescribeAlarmsCommand({ AlarmNames: [alarmName], AlarmTypes: ['MetricAlarm'] }));
  const [alarm] = answerSchema.parse(answer).MetricAlarms;
  if (!alarm) throw new DrillError(await whatThereIs(client, alarmName, stack));
  if (!alarm.ActionsEnabled)
    throw new DrillError(
      `The actions of ${alarmName} are switched off, so it tells nobody. Switch them on: aws cloudwatch enable-alarm-actions --alarm-names ${alarmName}`,
    );
  const topicArn = alarm.AlarmActions.find((action) => /^arn:[\w-]+:sns:/.test(action));
  if (topicArn === undefined)
    throw new DrillError(`${alarmName} calls no topic. Deploy the stack again, so that it is as it should be.`);
  if (alarm.StateValue === 'ALARM')
    throw new DrillError(
      `${alarmName} is in ALARM already (${alarm.StateReason || 'no reason given'}): people are told of a change only. See docs/runbook.md for it; after a drill just now, wait until CloudWatch has looked again.`,
    );
  return { name: alarmName, state: alarm.StateValue, topicArn };
}

async function whatThereIs(client: CloudWatchClient, alarmName: string, stack: string): Promise<string> {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const command = new DescribeAlarmsCommand({ AlarmNamePrefix: `${stack}-`, AlarmTypes: ['MetricAlarm'], NextToken });
    const page = answerSchema.parse(await client.send(command));
    names.push(...page.MetricAlarms.map(({ AlarmName }) => AlarmName.slice(stack.length + 1)));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  const region = await client.config.region();
  const others =
    names.length === 0
      ? 'and none of that stack at all. Are --stack, --region and the account right?'
      : `but these: ${names.sort().join(', ')}.`;
  return `There is no alarm ${alarmName} in ${region}, ${others}`;
}
