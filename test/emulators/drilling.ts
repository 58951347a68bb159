// The drill against the deployed stack: the alarm is found by its name, and what it sends arrives at whoever subscribed
// to the operators' topic. MiniStack does not write into the history what an alarm did, and its times there cannot be
// read by the SDK, so the drill must fail: it never says that it saw what it has not seen.
import { execFile } from 'node:child_process';

import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';

import { subscribe } from './subscriber.ts';
import { ministack, timed, until } from './where.ts';
import type { World } from './world.ts';

const drill = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: ministack.origin };
    execFile(process.execPath, ['scripts/drill.ts', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

export function describeDrill(world: World): void {
  describe('a drill', () => {
    it('says so when nobody would hear of it', async () => {
      const { code, stderr } = await drill('--alarm', 'TickDeadLetters');
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Nobody would be told.') });
    });

    it('reaches who subscribed to the operators’ topic, and claims nothing that was not seen', async () => {
      const topicArn = world.physical('AWS::SNS::Topic').find((arn) => arn.includes('SelfWatch')) ?? '';
      const { url } = await subscribe(world.clients, { accountId: ministack.accountId, topicArn, name: 'operators' });
      const { code, stdout } = await timed('drill', () => drill('--alarm', 'TickDeadLetters', '--wait', '3'));
      expect(code).toBe(1);
      expect(stdout).toContain(`Topic  ${topicArn}`);
      expect(stdout).not.toContain('Done');
      const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1 });
      const [message] = await until('the alarm', 20_000, async () => (await world.clients.sqs.send(command)).Messages);
      const { Message } = JSON.parse(message?.Body ?? '{}') as { Message: string };
      expect(JSON.parse(Message)).toMatchObject({
        AlarmName: 'Lamplighter-TickDeadLetters',
        NewStateValue: 'ALARM',
        NewStateReason: expect.stringContaining('This is a drill'),
      });
    });
  });
}
