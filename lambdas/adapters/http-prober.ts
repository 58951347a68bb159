// Probes an http(s) address: hop by hop, each one vetted and dialled by address, within one deadline for all of them.
import { bodyWish, isExpectedStatus, judgeAnswer } from '../core/judging/judge-answer.ts';
import type { Observation } from '../core/model/observation.ts';
import type { HttpProbe } from '../core/model/probe-spec.ts';
import { Attempt } from './attempt.ts';
import { type Conceal, concealing, concealNothing, withoutSecrets } from './conceal.ts';
import { askHop, type ProberTools } from './http-ask.ts';
import { LONGEST_BODY } from './http-exchange.ts';
import { type Hop, type HopEnd, isRedirect, nextHop } from './http-hop.ts';
import { down } from './probe-fault.ts';
import { hasReferences, resolveHeaders } from './secret-headers.ts';

type Errand = Readonly<{
  probe: HttpProbe;
  correlationId: string;
  attempt: Attempt;
  tools: ProberTools;
  conceal: Conceal;
}>;

/** Probes once; `Attempt` handles time, aborts and errors. */
export function probeHttp(
  probe: HttpProbe,
  correlationId: string,
  tools: ProberTools,
  signal: AbortSignal,
): Promise<Observation> {
  return new Attempt(probe.timeoutSeconds * 1000).run(async (attempt) => {
    const errand = { probe, correlationId, attempt, tools, conceal: concealNothing };
    const first = { url: new URL(probe.url), method: probe.method, headers: probe.headers, isTainted: false };
    if (!hasReferences(probe.headers)) return await follow(errand, first);
    attempt.phase = 'its secrets';
    const resolved = await resolveHeaders(probe.headers, tools.secrets, signal);
    attempt.arrived();
    if (resolved.kind === 'stop') return resolved.observation;
    const conceal = concealing(resolved.secrets);
    return withoutSecrets(await follow({ ...errand, conceal }, { ...first, headers: resolved.headers }), conceal);
  }, signal);
}

async function follow(errand: Errand, first: Hop): Promise<Observation> {
  const { maxRedirects } = errand.probe;
  let hop = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const end = await take(errand, hop);
    if (end.kind === 'judged') return end.observation;
    hop = end.next;
  }
  const last = hop.isTainted ? 'an address made of a secret' : hop.url.host;
  return down('too_many_redirects', `redirected more than ${maxRedirects} times, last to ${last}`);
}

async function take({ probe, conceal, ...errand }: Errand, hop: Hop): Promise<HopEnd> {
  const { verifyCertificate } = probe;
  const answer = await askHop({ ...errand, verifyCertificate }, hop, (head) => bodyWish(head, probe));
  if (answer.kind === 'stop')
    return { kind: 'judged', observation: hop.isTainted ? untold(answer.observation) : answer.observation };
  if (answer.kind === 'too_large') return { kind: 'judged', observation: tooLarge };
  const { status, location, retryAfter } = answer.head;
  if (location !== undefined && leadsOn(status, probe)) return nextHop(hop, status, location, conceal);
  const timing = { latencyMs: errand.attempt.latencyMs(), certificateDaysLeft: answer.daysLeft };
  const seen = { status, retryAfter, body: answer.body, ...timing };
  return { kind: 'judged', observation: judgeAnswer(seen, probe, conceal.value) };
}

const untold = (seen: Observation): Observation =>
  seen.cause === 'address_refused'
    ? { ...seen, message: 'a redirect to an address made of a secret leads where Lamplighter does not dial' }
    : seen;

/** A redirect that the registration lists as a good status is the answer, and is not followed. */
const leadsOn = (status: number, probe: HttpProbe) => isRedirect(status) && !isExpectedStatus(status, probe);

const tooLarge = down(
  'body_too_large',
  `what is expected did not come within the first ${LONGEST_BODY} bytes of the body`,
);
