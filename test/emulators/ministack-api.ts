// The few calls to MiniStack for which the project has no SDK client: CloudFormation, Lambda, Scheduler and Logs, by
// plain requests. It looks at the credential's scope to tell the services apart, and at no signature.
import { ministack, REGION } from './where.ts';

const scope = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${ministack.accountId}/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

async function ask(service: string, path: string, init: RequestInit = {}): Promise<string> {
  const headers = { ...scope(service), ...(init.headers as Record<string, string>) };
  const response = await fetch(`${ministack.origin}${path}`, { ...init, headers });
  return await response.text();
}

const cloudFormation = (Action: string, StackName: string) =>
  ask('cloudformation', '/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action, StackName, Version: '2010-05-15' }),
  });

export type StackResource = Readonly<{ logicalId: string; physicalId: string; type: string }>;

export async function resourcesOf(stack: string): Promise<readonly StackResource[]> {
  const members = (await cloudFormation('DescribeStackResources', stack)).split('<member>').slice(1);
  return members.map((each) => ({
    logicalId: fieldOf(each, 'LogicalResourceId'),
    physicalId: fieldOf(each, 'PhysicalResourceId'),
    type: fieldOf(each, 'ResourceType'),
  }));
}
const fieldOf = (member: string, name: string) => member.match(new RegExp(`<${name}>(.*?)</${name}>`))?.[1] ?? '';

/** `cdk destroy` names the stack by its ARN, which MiniStack does not find. */
export const deleteStack = (stack: string) => cloudFormation('DeleteStack', stack);
export const isGone = async (stack: string) =>
  /does not exist|DELETE_COMPLETE/.test(await cloudFormation('DescribeStacks', stack));

export type StackEvent = Readonly<{ type: string; status: string; reason: string }>;

/** Everything that befell its resources, also of a stack that is gone. */
export async function eventsOf(stack: string): Promise<readonly StackEvent[]> {
  const members = (await cloudFormation('DescribeStackEvents', stack)).split('<member>').slice(1);
  return members.map((each) => ({
    type: fieldOf(each, 'ResourceType'),
    status: fieldOf(each, 'ResourceStatus'),
    reason: fieldOf(each, 'ResourceStatusReason'),
  }));
}

export async function functionNames(): Promise<string[]> {
  const { Functions } = JSON.parse(await ask('lambda', '/2015-03-31/functions')) as {
    Functions: { FunctionName: string }[];
  };
  return Functions.map(({ FunctionName }) => FunctionName);
}
export async function scheduleNames(): Promise<string[]> {
  const { Schedules } = JSON.parse(await ask('scheduler', '/schedules')) as { Schedules: { Name: string }[] };
  return Schedules.map(({ Name }) => Name);
}

/** Switches every schedule off, as people do: by sending it whole, with another state. */
export async function disableSchedules(): Promise<void> {
  const { Schedules } = JSON.parse(await ask('scheduler', '/schedules')) as {
    Schedules: { Name: string; GroupName: string }[];
  };
  for (const { Name, GroupName } of Schedules) {
    const schedule = JSON.parse(await ask('scheduler', `/schedules/${Name}?groupName=${GroupName}`)) as object;
    await ask('scheduler', `/schedules/${Name}`, {
      method: 'PUT',
      body: JSON.stringify({ ...schedule, State: 'DISABLED' }),
    });
  }
}
export async function apiNames(): Promise<string[]> {
  const { items } = JSON.parse(await ask('apigateway', '/v2/apis')) as { items: { name: string }[] };
  return items.map(({ name }) => name);
}

async function logs(operation: string, input: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` };
  return JSON.parse(await ask('logs', '/', { method: 'POST', headers, body: JSON.stringify(input) }));
}
export type LogEvent = { timestamp: number; message: string };

export async function logGroupNames(): Promise<string[]> {
  const { logGroups } = (await logs('DescribeLogGroups', {})) as { logGroups: { logGroupName: string }[] };
  return logGroups.map(({ logGroupName }) => logGroupName);
}

/** Every log group whose name holds `part`, with all its events since `startTime` (epoch ms). */
export async function logEvents(part: string, startTime: number): Promise<LogEvent[]> {
  const found: LogEvent[] = [];
  for (const logGroupName of (await logGroupNames()).filter((name) => name.includes(part))) {
    let nextToken: string | undefined;
    do {
      const page = (await logs('FilterLogEvents', { logGroupName, startTime, nextToken })) as {
        events: LogEvent[];
        nextToken?: string;
      };
      found.push(...page.events);
      nextToken = page.nextToken;
    } while (nextToken);
  }
  return found;
}
