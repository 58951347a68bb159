// An HTTP API event (payload 2.0) becomes a plain request, and an answer becomes a response. An unknown fault is a 500
// without detail; what it was goes to the log.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod/mini';

import type { Log } from '../ports/process.ts';
import { entry, type Finish, type Invocation } from './entry.ts';

const text = z.optional(z.string());
/** AWS leaves out empty values; endpoints that imitate it write null. */
const values = z.nullish(z.record(z.string(), text));
const eventSchema = z.object({
  routeKey: z.string(),
  pathParameters: values,
  queryStringParameters: values,
  headers: z._default(z.record(z.string(), text), {}),
  body: z.nullish(z.string()),
  isBase64Encoded: z._default(z.boolean(), false),
  requestContext: z.object({
    requestId: z.string(),
    authorizer: z.optional(
      z.object({
        iam: z.optional(z.object({ userArn: text })),
        jwt: z.optional(z.object({ claims: z.record(z.string(), z.unknown()) })),
        /** Our own authorizer, in front of the API for people. */
        lambda: z.nullish(z.object({ user: text })),
      }),
    ),
  }),
});

export type HttpRequest = Readonly<{
  routeKey: string;
  id?: string | undefined;
  project?: string | undefined;
  query: Readonly<Record<string, string | undefined>>;
  body: unknown;
  caller: string;
  correlationId: string;
}>;
/** `text` goes out as it is, under the headers beside it; any other body as JSON. */
export type HttpAnswer = Readonly<{
  status: number;
  body?: unknown;
  text?: string;
  headers?: Readonly<Record<string, string>>;
}>;

const CORRELATION_ID = /^[A-Za-z0-9._:-]{1,100}$/;

export function httpEntry(
  answer: (request: HttpRequest, invocation: Invocation) => Promise<HttpAnswer>,
  log: () => Log,
  finish: Finish,
) {
  return entry<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(async (raw, invocation) => {
    const event = eventSchema.parse(raw);
    const given = event.headers['x-correlation-id'];
    const correlationId = given && CORRELATION_ID.test(given) ? given : event.requestContext.requestId;
    const body = parseBody(event);
    if (body === undefined)
      return respond({ status: 400, body: errorBody('INVALID_JSON', 'the body is not valid JSON') }, correlationId);
    const request = {
      routeKey: event.routeKey,
      id: event.pathParameters?.['id'],
      project: event.pathParameters?.['project'],
      query: event.queryStringParameters ?? {},
      body: body.value,
      caller: callerOf(event.requestContext.authorizer),
      correlationId,
    };
    try {
      return respond(await answer(request, invocation), correlationId);
    } catch (error) {
      log().error('a request failed', {
        route: event.routeKey,
        correlationId,
        error: error instanceof Error ? `${error.name}: ${error.message}` : 'fault',
      });
      return respond(
        { status: 500, body: errorBody('INTERNAL', `something failed on our side; see the log for ${correlationId}`) },
        correlationId,
      );
    }
  }, finish);
}

function parseBody({ body, isBase64Encoded }: z.infer<typeof eventSchema>): { value: unknown } | undefined {
  if (body === undefined || body === null || body === '') return { value: undefined };
  try {
    return { value: JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body) };
  } catch {
    return undefined;
  }
}

/** Names that only other authorizers give; a JWT subject that looks like one of them is marked as a subject. */
const NOT_A_SUBJECT = /^(arn:|people\/|jwt\/|anonymous$)/;

/**
 * Who the authorizer says is asking; `anonymous` if there is none, as in one-machine mode. API Gateway fills in what
 * the authorizer of this API found, and each authorizer has names of its own form, so nobody can choose a name of
 * another's.
 */
function callerOf(authorizer: z.infer<typeof eventSchema>['requestContext']['authorizer']): string {
  const subject = authorizer?.jwt?.claims['sub'];
  const user = authorizer?.lambda?.user;
  if (authorizer?.iam?.userArn !== undefined) return authorizer.iam.userArn;
  if (typeof subject === 'string') return NOT_A_SUBJECT.test(subject) ? `jwt/${subject}` : subject;
  return user === undefined ? 'anonymous' : `people/${user}`;
}

const errorBody = (code: string, message: string) => ({ error: { code, message, details: [] } });

function respond(answer: HttpAnswer, correlationId: string): APIGatewayProxyStructuredResultV2 {
  const { status, body, text } = answer;
  const headers = { ...answer.headers, 'x-correlation-id': correlationId, 'cache-control': 'no-store' };
  if (text !== undefined) return { statusCode: status, headers, body: text };
  if (body === undefined) return { statusCode: status, headers };
  return {
    statusCode: status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
