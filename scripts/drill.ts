// npm run drill -- --stack Lamplighter --alarm RoundsMissing: does an alarm reach people? Sets one off, and exits with
// 0 only if CloudWatch says that it called the operators' topic. docs/runbook.md#drill says when and why.
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SNSClient } from '@aws-sdk/client-sns';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';

import { runDrill } from './drill/run-drill.ts';

const optionsSchema = z.object({
  stack: z.string(),
  alarm: z.string(),
  region: z.string().optional(),
  wait: z.number(),
});

function seconds(text: string): number {
  const parsed = z.coerce.number().int().min(1).max(900).safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('must be a whole number of seconds from 1 to 900');
  return parsed.data;
}

const command = new Command('drill')
  .description("Sets off an alarm on Lamplighter itself and waits until CloudWatch has told the operators' topic.")
  .option('--stack <name>', 'the stack, Lamplighter-<region> where the settings name regions', 'Lamplighter')
  .option('--alarm <name>', 'the alarm, by its chapter in docs/runbook.md', 'RoundsMissing')
  .option('--region <region>', 'where the stack is; else as the AWS CLI has it')
  .option('--wait <seconds>', 'how long to wait for CloudWatch', seconds, 120)
  .allowExcessArguments(false)
  .parse();
const { stack, alarm, region, wait } = optionsSchema.parse(command.opts());
const where = region === undefined ? {} : { region };
const ports = {
  cloudWatch: new CloudWatchClient(where),
  sns: new SNSClient(where),
  say: (line: string) => console.log(line),
  note: (line: string) => console.error(line),
};

try {
  await runDrill(
    { alarmName: alarm.startsWith(`${stack}-`) ? alarm : `${stack}-${alarm}`, stack, waitMs: wait * 1_000 },
    ports,
  );
} catch (error) {
  // Also for faults of credentials, region and rights: AWS's own words describe them best.
  const { name, message } = error instanceof Error ? error : new Error('fault');
  ports.note(`The drill failed. ${name === 'DrillError' ? '' : `${name}: `}${message}`);
  process.exitCode = 1;
}
