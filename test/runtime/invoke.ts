// Contexts, queue batches and HTTP events as Lambda hands them to a function.
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';

import { lambdaContext } from '../../local/lambda-context.ts';

/** The context of a function that is ended in so many milliseconds. */
export const contextFor = (remainingMs = 15_000): Context => lambdaContext('test', remainingMs / 1000);

/** One record a body; ids are `m-0`, `m-1`… */
export const batchOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `m-${index}`,
    receiptHandle: 'handle',
    body,
    attributes: {
      ApproximateReceiveCount: '2',
      SentTimestamp: '0',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:probe',
    awsRegion: 'eu-west-1',
  })),
});

/** An HTTP API event, payload 2.0, of which only what differs is named. */
export function httpEvent(
  routeKey: string,
  change: Omit<Partial<APIGatewayProxyEventV2>, 'requestContext'> & { authorizer?: object } = {},
): APIGatewayProxyEventV2 {
  const { authorizer, ...rest } = change;
  const [method = '', path = ''] = routeKey.split(' ');
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'test' };
  const requestContext = {
    ...{ accountId: '000000000000', apiId: 'a', domainName: 'd', domainPrefix: 'p', http, requestId: 'request-1' },
    ...{ routeKey, stage: '$default', time: '', timeEpoch: 0, ...(authorizer && { authorizer }) },
  };
  return {
    ...{ version: '2.0', routeKey, rawPath: path, rawQueryString: '', headers: {}, isBase64Encoded: false },
    ...rest,
    requestContext,
  };
}
