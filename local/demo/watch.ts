// Watches services through the HTTP API, as a person with curl would, and prints what is new.
import * as z from 'zod';

const eventSchema = z.object({ at: z.string(), recordId: z.string(), kind: z.string(), message: z.string() });
type Seen = Readonly<{ service: string; kind: string; at: number }>;

export type Watch = Readonly<{
  seen: readonly Seen[];
  /** Fetches what is new and prints it. */
  update(): Promise<void>;
  /** When a service had its first event of a kind, epoch ms. */
  timeOf(service: string, kind: string): number | undefined;
}>;

export function watchServices(
  apiUrl: string,
  services: readonly string[],
  say: (text: string, at: number) => void,
): Watch {
  const seen: Seen[] = [];
  const known = new Set<string>();
  return {
    seen,
    async update() {
      for (const service of services) {
        const answer = await call(apiUrl, 'GET', `/services/${service}/events?limit=50`);
        const { events } = z.object({ events: z.array(eventSchema) }).parse(answer);
        for (const event of events.toReversed()) {
          const name = `${service} ${event.recordId}`;
          if (known.has(name)) continue;
          known.add(name);
          const at = Date.parse(event.at);
          seen.push({ service, kind: event.kind, at });
          say(`${service.padEnd(6)} ${event.kind.padEnd(17)} ${event.message}`, at);
        }
      }
    },
    timeOf: (service, kind) => seen.find((event) => event.service === service && event.kind === kind)?.at,
  };
}

/** One request to the API; rejects with the API's own words when it is refused. */
export async function call(apiUrl: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`, {
    method,
    signal: AbortSignal.timeout(5_000),
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
