// One drill, from who would hear of the alarm to what CloudWatch has done. All its output is for the person who started
// it.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { type CloudWatchClient, DescribeAlarmHistoryCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { SNSClient } from '@aws-sdk/client-sns';

import { readyAlarm } from './alarm.ts';
import { DrillError } from './drill-error.ts';
import { type DrillOutcome, historySchema, outcomeOf } from './history.ts';
import { howToBeTold, listed, type Receiver, receiversOf } from './receivers.ts';

export type DrillPorts = Readonly<{
  cloudWatch: CloudWatchClient;
  sns: SNSClient;
  /** Prints what the drill is about: alarm, topic, receivers, outcome. */
  say: (line: string) => void;
  /** Prints progress and faults. */
  note: (line: string) => void;
}>;
export type Drill = Readonly<{ alarmName: string; stack: string; waitMs: number }>;

/** Short at first, because CloudWatch mostly needs a second or two. */
const PAUSES_MS = [250, 500, 1_000];
const LONGEST_PAUSE_MS = 2_000;
const PROGRESS_EVERY_MS = 10_000;

/** Resolves when the action was executed; any other outcome rejects with an error that says what to do. */
export async function runDrill({ alarmName, stack, waitMs }: Drill, ports: DrillPorts): Promise<void> {
  const { cloudWatch, sns, say, note } = ports;
  const alarm = await readyAlarm(cloudWatch, alarmName, stack);
  say(`Alarm  ${alarm.name} in ${await cloudWatch.config.region()}, ${alarm.state}`);
  say(`Topic  ${alarm.topicArn}`);
  const receivers = await receiversOf(sns, alarm.topicArn);
  for (const line of listed(receivers)) say(line);
  const confirmed = receivers.filter(({ isConfirmed }) => isConfirmed);
  if (confirmed.length === 0) throw new DrillError(`Nobody would be told. ${howToBeTold(receivers, alarm.topicArn)}`);
  if (confirmed.length < receivers.length) note(howToBeTold(receivers, alarm.topicArn));

  const mark = randomUUID();
  const StateReason = `This is a drill, nothing is wrong (${mark}).`;
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: alarm.name, StateValue: 'ALARM', StateReason }));
  note(`set to ALARM; waiting up to ${waitMs / 1_000} s for CloudWatch to call the topic`);
  const outcome = await settled(alarm.name, alarm.topicArn, mark, waitMs, ports);
  if (outcome.kind !== 'executed') throw new DrillError(whatWentWrong(outcome, alarm.topicArn, waitMs));
  for (const line of whatToExpect(alarm.name, confirmed, outcome.at)) say(line);
}

/** Polls the history until it shows the outcome, or the time is over. */
async function settled(
  AlarmName: string,
  topicArn: string,
  mark: string,
  waitMs: number,
  { cloudWatch, note }: DrillPorts,
): Promise<DrillOutcome> {
  const begun = Date.now();
  let told = begun;
  for (let look = 0; ; look += 1) {
    // The newest hundred: the outcome of a state that was set a moment ago is among them.
    const command = new DescribeAlarmHistoryCommand({ AlarmName, MaxRecords: 100, ScanBy: 'TimestampDescending' });
    const { AlarmHistoryItems } = historySchema.parse(await cloudWatch.send(command));
    const outcome = outcomeOf(AlarmHistoryItems, mark, topicArn);
    if (outcome.kind === 'executed' || outcome.kind === 'failed' || Date.now() - begun >= waitMs) return outcome;
    if (Date.now() - told >= PROGRESS_EVERY_MS) {
      told = Date.now();
      note(`  ${Math.round((told - begun) / 1_000)} s: ${progress[outcome.kind]}`);
    }
    await pause(Math.min(PAUSES_MS[look] ?? LONGEST_PAUSE_MS, Math.max(0, begun + waitMs - Date.now())));
  }
}
const progress = {
  unnoted: 'the history does not have the new state yet',
  noted: 'the history has the new state, the topic was not called yet',
} as const;

function whatWentWrong(outcome: Exclude<DrillOutcome, { kind: 'executed' }>, topicArn: string, waitMs: number): string {
  if (outcome.kind === 'failed')
    return `CloudWatch could not tell the topic: ${outcome.reason} Mostly the policy of ${topicArn} does not admit CloudWatch; deploy again, so that it is as it should be.`;
  return `After ${waitMs / 1_000} s ${progress[outcome.kind]}. Is a mute rule of CloudWatch in force? Otherwise try once more, with a longer --wait.`;
}

function whatToExpect(alarmName: string, confirmed: readonly Receiver[], at: Date): string[] {
  const who = (protocol: (name: string) => boolean) =>
    confirmed.filter((receiver) => protocol(receiver.protocol)).map(({ endpoint }) => endpoint);
  const isMail = (name: string) => name.startsWith('email');
  const mailboxes = who(isMail);
  const others = who((name) => !isMail(name));
  return [
    `Done   CloudWatch told the topic at ${at.toISOString()}.`,
    '',
    ...(mailboxes.length === 0
      ? []
      : [
          `Now look into the mailbox: ${mailboxes.join(', ')}`,
          `  within a minute there must be a mail from "Lamplighter itself" whose subject begins ALARM: "${alarmName}".`,
        ]),
    ...(others.length === 0 ? [] : [`The same was sent to: ${others.join(', ')}`]),
    'Whether it has arrived, only its reader can say. If not: look among unwanted mail, then docs/runbook.md#drill.',
    'The alarm returns to its true state by itself when CloudWatch looks again, mostly within three minutes; a second',
    `message says so (OK: "${alarmName}"). Nothing needs to be set back.`,
  ];
}
