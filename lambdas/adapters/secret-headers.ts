// Fills in the secrets that a probe's headers refer to, for the duration of one probe.
import type { Observation } from '../core/model/observation.ts';
import { SECRET_REFERENCE } from '../core/model/probe-spec.ts';
import type { SecretSource } from '../ports/prober.ts';
import { secretUnavailable } from './probe-fault.ts';

type Headers = Readonly<Record<string, string>>;
type Resolved =
  { kind: 'headers'; headers: Headers; secrets: readonly string[] } | { kind: 'stop'; observation: Observation };

const SENDABLE = /^[\t\x20-\x7e]*$/;

export const hasReferences = (headers: Headers) =>
  Object.values(headers).some((value) => value.search(SECRET_REFERENCE) >= 0);

/**
 * The headers with every reference replaced. A secret that cannot be read, or that would break the header (a line end,
 * a character beyond ASCII), stops the probe: it says nothing about the service. Messages name the reference.
 */
export async function resolveHeaders(headers: Headers, source: SecretSource, signal: AbortSignal): Promise<Resolved> {
  const resolved: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    let text = value;
    for (const [reference, kind, path] of value.matchAll(SECRET_REFERENCE)) {
      const secret = await readSecret(source, kind === 'ssm' ? 'ssm' : 'secret', String(path), signal);
      if (secret === undefined) return stop(`${reference} could not be read`);
      if (!SENDABLE.test(secret)) return stop(`${reference} holds a character that a header must not have`);
      secrets.push(secret);
      text = text.replace(reference, () => secret);
    }
    resolved[name] = text;
  }
  return { kind: 'headers', headers: resolved, secrets };
}

const stop = (message: string): Resolved => ({ kind: 'stop', observation: secretUnavailable(message) });

/** The source's own error is dropped: it may quote what was asked for or received. */
async function readSecret(source: SecretSource, kind: 'ssm' | 'secret', path: string, signal: AbortSignal) {
  try {
    return await source.read(kind, path, signal);
  } catch {
    return undefined;
  }
}
