// The loopback endpoint that speaks AWS's wire protocols, so that the real SDK clients, or anyone's AWS CLI, can use
// it. It only routes: the file of each service says what a request means. Signatures are not checked.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';

import { isFromThisMachine, refuse } from '../loopback-only.ts';
import { readBody } from '../read-body.ts';

/** An error as AWS would return it; `code` is the name that the SDK turns into an exception. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** One service of the JSON protocols (1.0 and 1.1): operations by the name after the dot of the target. */
export type JsonService = Readonly<{
  /** The part before the dot in `x-amz-target`, e.g. `AmazonSSM`. */
  target: string;
  operations: Readonly<Record<string, (input: unknown) => Promise<unknown> | unknown>>;
}>;
/** A service of the older query protocol: parameters in, an XML document out. */
export type QueryService = (parameters: URLSearchParams) => Promise<string>;

export type WireServices = Readonly<{
  json: readonly JsonService[];
  query: QueryService;
  /** Takes DynamoDB requests. */
  dynamodb: RequestListener;
  /** Plain GETs, such as a subscription's confirmation link; `undefined` if the path is not one of theirs. */
  get?: (url: URL) => Promise<string | undefined>;
}>;

const BODY_LIMIT = 4 * 1024 * 1024;
/** The actions of the query protocol that are links in messages; a program that follows links can ask for no others. */
const LINKS = ['ConfirmSubscription', 'Unsubscribe'];

/** A server, not yet listening; bind it to 127.0.0.1. */
export function awsServer(services: WireServices): Server {
  return createServer((request, response) => {
    if (!isFromThisMachine(request)) return refuse(response);
    const target = String(request.headers['x-amz-target'] ?? '');
    if (target.startsWith('DynamoDB_')) return services.dynamodb(request, response);
    answer(services, target, request, response).catch((error: unknown) => sendFault(response, error, target === ''));
  });
}

async function answer(services: WireServices, target: string, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method === 'GET' && !url.searchParams.has('Action')) {
    const page = await services.get?.(url);
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(page ?? 'not found\n');
    return;
  }
  const body = await readBody(request, BODY_LIMIT);
  if (body === undefined) throw new AwsFault('RequestEntityTooLarge', 'the request is too large', 413);
  if (target === '') {
    const parameters = new URLSearchParams(body || url.search);
    const action = parameters.get('Action') ?? '';
    if (request.method !== 'POST' && !LINKS.includes(action))
      throw new AwsFault('MethodNotAllowed', `${action} is taken by POST only`, 405);
    const xml = await services.query(parameters);
    response.writeHead(200, { 'content-type': 'text/xml' }).end(xml);
    return;
  }
  const [prefix = '', operation = ''] = target.split('.');
  const operations = services.json.find((service) => service.target === prefix)?.operations ?? {};
  const known = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (!known) throw new AwsFault('UnknownOperationException', `${target} is not part of one-machine mode`);
  const output = await known(parseInput(body));
  response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(output ?? {}));
}

function parseInput(body: string): unknown {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw new AwsFault('SerializationException', 'the body is not JSON');
  }
}

const xmlText = (text: string) => text.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function sendFault(response: ServerResponse, error: unknown, asXml: boolean): void {
  const fault =
    error instanceof AwsFault
      ? error
      : new AwsFault('InternalFailure', error instanceof Error ? error.message : 'fault', 500);
  if (asXml) {
    response.writeHead(fault.status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${fault.code}</Code><Message>${xmlText(fault.message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`,
    );
    return;
  }
  response.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': fault.code });
  response.end(JSON.stringify({ __type: fault.code, message: fault.message }));
}
