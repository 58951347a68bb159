// An HTTP API with a Lambda authorizer, as API Gateway runs it: 401 by itself without the header, 403 for a no, 500 when
// the authorizer fails, and what the authorizer found in the event of the function behind. It remembers nothing.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { APIGatewaySimpleAuthorizerResult } from 'aws-lambda';
import { onTestFinished } from 'vitest';

import { type Api, httpGateway } from '../../local/http-gateway.ts';

export type Authorizer = (
  event: unknown,
) => Promise<APIGatewaySimpleAuthorizerResult & { context?: Readonly<Record<string, unknown>> }>;

const refusal = (statusCode: number, message: string) => ({ statusCode, body: JSON.stringify({ message }) });

/** Listens until the test is over, and gives its address. */
export async function openGateway(authorizer: Authorizer, api: Api): Promise<string> {
  const guarded: Api = async (event) => {
    const { authorization } = event.headers;
    if (!authorization) return refusal(401, 'Unauthorized');
    const question = { ...event, version: '2.0', type: 'REQUEST', identitySource: [authorization] };
    const answer = await authorizer(question).catch(() => undefined);
    if (!answer) return refusal(500, 'Internal Server Error');
    if (!answer.isAuthorized) return refusal(403, 'Forbidden');
    const requestContext = { ...event.requestContext, authorizer: { lambda: answer.context } };
    return await api({ ...event, requestContext });
  };
  const server = httpGateway(guarded, () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
