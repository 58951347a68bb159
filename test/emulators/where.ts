// Where the emulators are, as scripts/emulators.ts tells, and the SDK's own clients for them.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

function told(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run npm run test:emulators`);
  return value;
}

export const REGION = 'us-east-1';
export const ministack = { name: 'MiniStack', origin: told('LAMPLIGHTER_MINISTACK'), accountId: '000000000000' };
export const moto = { name: 'moto', origin: told('LAMPLIGHTER_MOTO'), accountId: '123456789012' };
/** For everything that a run writes; removed at its end. */
export const folder = told('LAMPLIGHTER_FOLDER');
export const isLong = Boolean(process.env['LAMPLIGHTER_LONG']);

export function clientsOf({ origin }: { origin: string }) {
  // An access key of its own for moto: the account of the other is named by the key.
  const accessKeyId = origin === ministack.origin ? ministack.accountId : 'testing';
  const settings = {
    endpoint: origin,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  return {
    dynamo: new DynamoDBClient(settings),
    ecr: new ECRClient(settings),
    ecs: new ECSClient(settings),
    eventBridge: new EventBridgeClient(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
    ssm: new SSMClient(settings),
  };
}

/** Runs until it gives something; fails when the time is over, and says what was seen instead if `seen` is given. */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | undefined | false>,
  seen: () => unknown = () => undefined,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      const instead = await seen();
      const saying = instead === undefined ? '' : `; seen: ${JSON.stringify(instead, undefined, 2)}`;
      throw new Error(`${what} did not happen within ${withinMs / 1000} s${saying}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Prints how long a step took, for whoever watches the run. */
export async function timed<T>(step: string, run: () => Promise<T>): Promise<T> {
  const since = Date.now();
  try {
    return await run();
  } finally {
    process.stdout.write(`${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s  ${step}\n`);
  }
}
