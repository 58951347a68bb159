// What may be probed and how. The schemas are the definition; the types follow from them.
import * as z from 'zod/mini';

import { reaches } from '../../contract/networks.ts';

/** An IPv6 address needs brackets in a URL. */
export const bracketed = (host: string | undefined) => (host?.includes(':') ? `[${host}]` : host);
const isHost = (text: string) => /^[A-Za-z0-9._:-]+$/.test(text) && URL.canParse(`http://${bracketed(text)}/`);
const host = z
  .string()
  .check(
    z.maxLength(253),
    z.refine(
      isHost,
      'must be a host name or an address such as example.com or 2001:db8::1, without scheme, port or path',
    ),
  );
const port = z.int().check(z.gte(1), z.lte(65_535));
const path = z.string().check(z.maxLength(2_000), z.regex(/^\/\S*$/, 'must begin with / and hold no white space'));

/**
 * Headers that frame the message or route it; setting them would turn the prober into a request-smuggling tool. Also
 * the user agent, by which others recognize the prober and may refuse it.
 */
const FRAMING_HEADERS =
  /^(host|user-agent|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/i;

/**
 * `{{ssm:/lamplighter/probe/name}}` or `{{secret:/lamplighter/probe/name}}`: resolved at probe time, never stored or
 * logged.
 */
export const SECRET_REFERENCE = /\{\{(ssm|secret):(\/lamplighter\/probe\/[A-Za-z0-9_./-]+)\}\}/g;

/** Names and values of the headers that a request may carry. */
export const headers = z
  .record(
    z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'must be an HTTP header name')),
    z.string().check(z.maxLength(1_000), z.regex(/^[\t\x20-\x7e]*$/, 'must be one line of printable ASCII')),
  )
  .check(
    z.superRefine((record, context) => {
      for (const [name, value] of Object.entries(record)) {
        const fault = headerFault(name, value);
        if (fault) context.addIssue({ code: 'custom', path: [name], message: fault });
      }
      if (Object.keys(record).length > 20)
        context.addIssue({ code: 'custom', message: 'must hold at most 20 headers' });
    }),
  );

function headerFault(name: string, value: string): string | undefined {
  if (FRAMING_HEADERS.test(name)) return 'is set by the prober itself; leave it out';
  if (/\{\{/.test(value.replace(SECRET_REFERENCE, '')))
    return 'has a reference that is not {{ssm:/lamplighter/probe/NAME}} or {{secret:/lamplighter/probe/NAME}}';
  return undefined;
}

export const url = z.string().check(
  z.maxLength(2_000),
  z.superRefine((text, context) => {
    const message = urlFault(text);
    if (message) context.addIssue({ code: 'custom', message });
  }),
);

function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a whole URL such as https://example.com/health';
  const parsed = new URL(text);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return 'must begin with http:// or https://';
  if (parsed.username || parsed.password)
    return 'must hold no user or password: use a header with {{ssm:/lamplighter/probe/NAME}}';
  if (parsed.hash) return 'must hold no fragment (#…); it would never be sent';
  return undefined;
}

/** Child segments only (RFC 9535): `$.status`, `$.components.db.status`, `$.items[0].ok`, `$['odd name']`. */
const JSON_PATH = /^\$(\.[A-Za-z_][\w-]*|\[\d{1,4}\]|\['[^']{1,100}'\])*$/;
export const jsonPath = z
  .string()
  .check(z.maxLength(300), z.regex(JSON_PATH, "must be a path such as $.status, $.items[0].ok or $['odd name']"));

const partNames = z
  .array(z.string().check(z.regex(/^[\w.-]{1,100}$/, 'must be the name of a component such as db or db.primary')))
  .check(z.minLength(1), z.maxLength(20));

const expectation = z.strictObject({
  /** Statuses that count as good; without it any 2xx does. */
  status: z.optional(z.array(z.int().check(z.gte(100), z.lte(599))).check(z.minLength(1), z.maxLength(50))),
  /** Text that the body must contain. */
  body: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  json: z.optional(
    z
      .array(
        z.strictObject(
          {
            path: jsonPath,
            equals: z.union([z.string().check(z.maxLength(500)), z.number(), z.boolean(), z.null()]),
          },
          'must be an object such as { "path": "$.status", "equals": "UP" }',
        ),
      )
      .check(z.minLength(1), z.maxLength(20)),
  ),
  /** A good answer that takes longer is `slow`. */
  maxLatencyMs: z.optional(z.int().check(z.gte(1), z.lte(30_000))),
  /** The answer is one of Spring Boot Actuator; with lists only these parts can make the service down. */
  actuator: z.optional(
    z.union([z.literal(true), z.strictObject({ components: z.optional(partNames), groups: z.optional(partNames) })]),
  ),
  /** What overload is (429, or a 503 that says so): `slow` unless it is to count as `down`. */
  overload: z.optional(z.enum(['slow', 'down'])),
});

const timing = {
  intervalSeconds: z.optional(z.int().check(z.gte(1), z.lte(3_600))),
  timeoutSeconds: z.optional(z.number().check(z.gte(0.1), z.lte(30))),
  /** How often a failing probe is repeated inside the round before it counts. */
  retries: z._default(z.int().check(z.gte(0), z.lte(3)), 1),
};
const certificate = {
  verifyCertificate: z._default(z.boolean(), true),
  /** With fewer days left the verdict is `slow`: it works, but not for long. */
  certificateWarningDays: z._default(z.int().check(z.gte(0), z.lte(365)), 14),
};

const httpProbeSchema = z
  .strictObject({
    kind: z.literal('http'),
    url: z.optional(url),
    host: z.optional(host),
    port: z.optional(port),
    path: z.optional(path),
    method: z._default(z.enum(['GET', 'HEAD', 'OPTIONS']), 'GET'),
    headers: z._default(headers, {}),
    expect: z._default(expectation, {}),
    maxRedirects: z._default(z.int().check(z.gte(0), z.lte(10)), 3),
    ...certificate,
    ...timing,
  })
  .check(
    z.superRefine((probe, context) => {
      if (probe.url === undefined && probe.host === undefined)
        context.addIssue({ code: 'custom', path: ['url'], message: 'is missing; give url, or host and port' });
      for (const name of ['host', 'port', 'path'] as const)
        if (probe.url !== undefined && probe[name] !== undefined)
          context.addIssue({ code: 'custom', path: [name], message: 'is part of url already; give one or the other' });
    }),
  );

const tcpProbeSchema = z.strictObject({
  kind: z.literal('tcp'),
  host,
  port,
  maxLatencyMs: expectation.shape.maxLatencyMs,
  ...timing,
});
const tlsProbeSchema = z.strictObject({
  kind: z.literal('tls'),
  host,
  port: z._default(port, 443),
  maxLatencyMs: expectation.shape.maxLatencyMs,
  ...certificate,
  ...timing,
});
const heartbeatProbeSchema = z.strictObject({
  kind: z.literal('heartbeat'),
  /** How late a heartbeat may be, beyond the interval, before it counts as missed. */
  graceSeconds: z._default(z.int().check(z.gte(0), z.lte(86_400)), 30),
  ...timing,
});

const ecsName = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be an ECS name: letters, digits, - and _'));
/** ECS itself is asked for the state of the service; nothing is dialled. */
const ecsProbeSchema = z.strictObject({
  kind: z.literal('ecs'),
  cluster: ecsName,
  service: ecsName,
  /** How long some, but not enough, tasks may run until that counts as down. */
  graceSeconds: z._default(z.int().check(z.gte(0), z.lte(3_600)), 120),
  ...timing,
});

/** From where it is probed: the internet, or inside the deployment's VPC. Readiness uses the same network. */
const from = { network: z._default(z.enum(reaches), 'public') };
export const probeSchema = z.discriminatedUnion('kind', [
  z.safeExtend(httpProbeSchema, from),
  z.safeExtend(tcpProbeSchema, from),
  z.safeExtend(tlsProbeSchema, from),
  z.safeExtend(heartbeatProbeSchema, from),
  ecsProbeSchema,
]);
/** Readiness asks for the network, so a heartbeat makes no sense there. */
export const readinessSchema = z.discriminatedUnion('kind', [httpProbeSchema, tcpProbeSchema, tlsProbeSchema]);

type Timed<P> = P extends unknown ? Omit<P, 'intervalSeconds' | 'timeoutSeconds'> & Timing : never;
type Timing = { intervalSeconds: number; timeoutSeconds: number };
/** A probe as it is carried out: with its interval and timeout settled, and an http probe with a whole URL. */
export type HttpProbe = Readonly<
  Omit<Timed<z.infer<typeof httpProbeSchema>>, 'url' | 'host' | 'port' | 'path'> & { url: string }
>;
export type TcpProbe = Readonly<Timed<z.infer<typeof tcpProbeSchema>>>;
export type TlsProbe = Readonly<Timed<z.infer<typeof tlsProbeSchema>>>;
export type HeartbeatProbe = Readonly<Timed<z.infer<typeof heartbeatProbeSchema>>>;
export type EcsProbe = Readonly<Timed<z.infer<typeof ecsProbeSchema>>>;
export type Probe = HttpProbe | TcpProbe | TlsProbe | HeartbeatProbe | EcsProbe;
export type ProbeDocument =
  z.infer<typeof readinessSchema> | z.infer<typeof heartbeatProbeSchema> | z.infer<typeof ecsProbeSchema>;

/**
 * Settles what the document left open: the URL from host, port and path (default `/health`), and the timing.
 * `shareSeconds` is how much of the interval the probe has for itself when it names no timeout.
 */
export function settleProbe(
  document: ProbeDocument,
  intervalSeconds: number,
  shareSeconds: number = intervalSeconds,
): Probe {
  const timeoutSeconds = document.timeoutSeconds ?? Math.min(3, shareSeconds / (document.retries + 1));
  if (document.kind !== 'http') return { ...document, intervalSeconds, timeoutSeconds };
  const { url, host, port, path, ...rest } = document;
  return {
    ...rest,
    url: url ?? `http://${bracketed(host)}${port ? `:${port}` : ''}${path ?? '/health'}`,
    intervalSeconds,
    timeoutSeconds,
  };
}
