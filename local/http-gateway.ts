// API Gateway of one-machine mode: an HTTP request becomes an HTTP API event (payload 2.0), and the function's answer a
// response. Only the routes of the contract exist; any other answers 404, as in the cloud.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

import { type RouteKey, routes } from '../lambdas/contract/routes.ts';
import { isFromThisMachine, refuse } from './loopback-only.ts';
import { readBody } from './read-body.ts';

export type Api = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** API Gateway accepts 10 MB; nothing here needs more than a registration. */
const BODY_LIMIT = 1024 * 1024;

const patterns = routes.map((routeKey) => {
  const [method = '', path = ''] = routeKey.split(' ');
  return { routeKey, method, pattern: new URLPattern({ pathname: path.replace(/\{(\w+)\}/g, ':$1') }) };
});

/** A server, not yet listening. `answered` is called with every answer, after it was sent. */
export function httpGateway(api: Api, answered: (routeKey: RouteKey, status: number) => void): Server {
  return createServer((request, response) => {
    if (!isFromThisMachine(request)) return refuse(response);
    answer(api, answered, request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (error instanceof Refusal) return send(response, error.status, error.code, error.message);
      send(response, 500, 'INTERNAL', error instanceof Error ? error.message : 'fault');
    });
  });
}

async function answer(
  api: Api,
  answered: (routeKey: RouteKey, status: number) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = urlOf(request);
  const found = patterns.find(
    ({ method, pattern }) => method === request.method && pattern.test({ pathname: url.pathname }),
  );
  if (!found)
    return send(response, 404, 'NO_SUCH_ROUTE', `there is no ${request.method} ${url.pathname}; see GET /openapi.json`);
  const groups = found.pattern.exec({ pathname: url.pathname })?.pathname.groups ?? {};
  const body = await readBody(request, BODY_LIMIT);
  if (body === undefined) throw new Refusal(413, 'TOO_LARGE', `the body is larger than ${BODY_LIMIT} bytes`);
  const result = await api(toEvent(found.routeKey, request, url, groups, body));
  const status = result.statusCode ?? 200;
  response.writeHead(status, headersOf(result)).end(bodyOf(result));
  answered(found.routeKey, status);
}

/** JSON ends with a newline, for people who read it in a terminal; a file is sent as it is. */
const bodyOf = ({ body, headers = {} }: APIGatewayProxyStructuredResultV2): string | undefined =>
  body && (headers['content-type'] ?? JSON_TYPE) === JSON_TYPE ? `${body}\n` : body;
const JSON_TYPE = 'application/json';

const headersOf = (result: APIGatewayProxyStructuredResultV2): Record<string, string> =>
  Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]));

/** An answer of the gateway itself, before any function is called. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function urlOf(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
  if (!url) throw new Refusal(400, 'BAD_PATH', 'the path is not one of a URL');
  return url;
}

/** A parameter that comes twice is joined with a comma, as API Gateway does it. */
const joined = (parameters: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));

function toEvent(
  routeKey: RouteKey,
  request: IncomingMessage,
  url: URL,
  groups: Readonly<Record<string, string | undefined>>,
  body: string,
): APIGatewayProxyEventV2 {
  const now = new Date();
  const pathParameters = Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, decoded(value ?? '')]),
  );
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    ...(url.search !== '' && { queryStringParameters: joined(url.searchParams) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body !== '' && { body }),
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, 'BAD_PATH', `${part} in the path is not percent-encoded UTF-8`);
  }
}

function send(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ error: { code, message, details: [] } })}\n`);
}
