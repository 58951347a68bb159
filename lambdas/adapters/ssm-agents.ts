// The agents of the hosts that a step names, according to Systems Manager: whether they can be reached, and what to
// tell people about them.
import { DescribeInstanceInformationCommand, type SSMClient } from '@aws-sdk/client-ssm';

import type { SsmStep } from '../core/model/restart-spec.ts';
import { type Agent, instancesPageSchema } from './ssm-answers.ts';

/** One for each host, in the order of the step; `agent` is undefined if Systems Manager knows no such host. */
type Host = Readonly<{ instanceId: string; agent: Agent | undefined }>;

async function hostsOf(client: SSMClient, { instanceIds }: SsmStep, signal: AbortSignal): Promise<readonly Host[]> {
  const agents = new Map<string, Agent>();
  let NextToken: string | undefined;
  do {
    const command = new DescribeInstanceInformationCommand({
      Filters: [{ Key: 'InstanceIds', Values: instanceIds }],
      MaxResults: 50,
      NextToken,
    });
    const page = instancesPageSchema.parse(await client.send(command, { abortSignal: signal }));
    for (const agent of page.InstanceInformationList) agents.set(agent.InstanceId, agent);
    NextToken = page.NextToken;
  } while (NextToken);
  return instanceIds.map((instanceId) => ({ instanceId, agent: agents.get(instanceId) }));
}

/** Why the hosts cannot be reached; undefined if they can. */
export async function refusalOfAgents(
  client: SSMClient,
  step: SsmStep,
  signal: AbortSignal,
): Promise<string | undefined> {
  const away = (await hostsOf(client, step, signal)).find(({ agent }) => agent?.PingStatus !== 'Online');
  if (!away) return undefined;
  const { instanceId, agent } = away;
  return agent ? `agent of ${instanceId} is ${agent.PingStatus}` : `${instanceId} is not known to Systems Manager`;
}

/** A line for each host: the state of its agent, since when, which version, on which platform. */
export async function agentEvidence(client: SSMClient, step: SsmStep, signal: AbortSignal): Promise<string> {
  const lines = (await hostsOf(client, step, signal)).map(({ instanceId, agent }) => {
    if (!agent) return `${instanceId} is not known to Systems Manager`;
    const system = [agent.PlatformName, agent.PlatformVersion].filter(Boolean).join(' ');
    const told = [
      `agent of ${instanceId} is ${agent.PingStatus}`,
      agent.LastPingDateTime && `last heard of ${agent.LastPingDateTime.toISOString()}`,
      agent.AgentVersion && `version ${agent.AgentVersion}`,
      system && `on ${system}`,
    ];
    return told.filter(Boolean).join(', ');
  });
  return lines.join('\n');
}
