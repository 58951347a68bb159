// Turns what a service answered into a verdict. Pure; the probers hand in status, text and times as they saw them.
import type { Cause, Observation } from '../model/observation.ts';
import type { HttpProbe } from '../model/probe-spec.ts';
import { isActuatorStatus, judgeActuator } from './actuator.ts';
import { valueAt } from './json-path.ts';
import { mayTellOverload, OVERLOAD_BODY_CHARACTERS, overloadOf } from './overload.ts';

/** The part of an answer before the body: it decides how much of the body is read. */
type Head = Readonly<{ status: number; retryAfter?: string | undefined }>;
/** A whole answer. `body` is there only when `bodyWish` asked for it; `latencyMs` is what the service took. */
type Answer = Readonly<{
  status: number;
  /** The header of that name. */
  retryAfter?: string | undefined;
  body?: string | undefined;
  latencyMs: number;
  certificateDaysLeft?: number | undefined;
}>;

/** What is known about any good answer, to be compared with the limits. */
type Timing = Pick<Answer, 'latencyMs' | 'certificateDaysLeft'>;
type Limits = Readonly<{ maxLatencyMs?: number | undefined; certificateWarningDays?: number | undefined }>;

const LONGEST_VALUE = 80;

/** Takes secrets out of a text that is about to be shown. */
type Conceal = (text: string) => string;

/** Whether an answer of this status is one the probe asked for: by list, or any 2xx. */
export function isExpectedStatus(status: number, { expect }: HttpProbe): boolean {
  return expect.status ? expect.status.includes(status) : status >= 200 && status <= 299;
}

/** Whether the body decides anything; when not, reading stops at the headers. */
export function needsBody(status: number, probe: HttpProbe): boolean {
  const { body, json, actuator } = probe.expect;
  if (actuator !== undefined && isActuatorStatus(status)) return true;
  return isExpectedStatus(status, probe) && Boolean(body ?? json);
}

/** How much of the body decides: none, all, up to where a text was seen, or so many characters of its beginning. */
export type BodyWish = 'none' | 'all' | Readonly<{ until: string }> | Readonly<{ first: number }>;

export function bodyWish(head: Head, probe: HttpProbe): BodyWish {
  const { body, json, actuator } = probe.expect;
  if (needsBody(head.status, probe)) return json || actuator || body === undefined ? 'all' : { until: body };
  const isExpected = isExpectedStatus(head.status, probe);
  return !isExpected && probe.method === 'GET' && mayTellOverload(head) ? { first: OVERLOAD_BODY_CHARACTERS } : 'none';
}

/**
 * The verdict on a whole answer. The first expectation that fails gives the cause and the message. What is judged is
 * the answer as it came; `conceal` sees every value of it whole, before it is cut or escaped for the message.
 */
export function judgeAnswer(answer: Answer, probe: HttpProbe, conceal: Conceal = (text) => text): Observation {
  const { expect } = probe;
  const body = answer.body ?? '';
  const isExpected = isExpectedStatus(answer.status, probe);
  if (expect.actuator && isActuatorStatus(answer.status)) {
    const said = judgeActuator(parseJson(body), expect.actuator === true ? {} : expect.actuator);
    if (said && said.verdict !== 'up') return seen(answer, { ...said, message: conceal(said.message) });
    if (!said && isExpected) return down(answer, 'wrong_body', 'the body is no Actuator answer');
  }
  if (!isExpected) return refusal(answer, probe);
  if (expect.body && !body.includes(expect.body))
    return down(answer, 'wrong_body', `the body does not contain the expected text (${expect.body.length} characters)`);
  const fault = expect.json && jsonFault(body, expect.json, conceal);
  if (fault) return down(answer, 'wrong_body', fault);
  return judgeTiming(answer, { ...probe, maxLatencyMs: expect.maxLatencyMs });
}

/** The verdict on an unexpected status: overload if the answer says so, else the service does not work. */
function refusal(answer: Answer, { expect }: HttpProbe): Observation {
  const overload = overloadOf(answer);
  if (overload === undefined)
    return down(answer, 'wrong_status', `answered ${answer.status}, expected ${expect.status?.join(' or ') ?? '2xx'}`);
  const verdict = expect.overload ?? 'slow';
  return seen(answer, { verdict, cause: 'overloaded', message: `overloaded: ${overload}` });
}

/** The verdict on something that works: `up`, or `slow` when it took too long or its certificate is near its end. */
export function judgeTiming(timing: Timing, limits: Limits): Observation {
  const { latencyMs, certificateDaysLeft } = timing;
  const seen = { latencyMs, certificateDaysLeft };
  if (limits.maxLatencyMs !== undefined && latencyMs > limits.maxLatencyMs)
    return {
      ...seen,
      verdict: 'slow',
      cause: 'too_slow',
      message: `answered after ${latencyMs} ms, expected at most ${limits.maxLatencyMs} ms`,
    };
  const warningDays = limits.certificateWarningDays ?? 0;
  if (certificateDaysLeft !== undefined && certificateDaysLeft < warningDays)
    return {
      ...seen,
      verdict: 'slow',
      cause: 'certificate_expiring',
      message: certificateMessage(certificateDaysLeft, warningDays),
    };
  return { ...seen, verdict: 'up', cause: 'none' };
}

const certificateMessage = (daysLeft: number, warningDays: number) =>
  daysLeft < 0
    ? `the certificate ended ${-daysLeft} days ago`
    : `the certificate ends in ${daysLeft} days; the warning begins at ${warningDays}`;

const down = (timing: Timing, cause: Cause, message: string): Observation =>
  seen(timing, { verdict: 'down', cause, message });

function seen({ latencyMs, certificateDaysLeft }: Timing, said: Observation): Observation {
  return { ...said, latencyMs, certificateDaysLeft };
}

type Assertions = NonNullable<HttpProbe['expect']['json']>;

function jsonFault(body: string, assertions: Assertions, conceal: Conceal): string | undefined {
  const document = parseJson(body);
  if (document === undefined) return 'the body is not JSON';
  for (const { path, equals } of assertions) {
    const found = valueAt(document, path);
    if (found !== equals) return `${path} is ${shown(found, conceal)}, expected ${shown(equals, conceal)}`;
  }
  return undefined;
}

/** Undefined stands for "not JSON": JSON has no such value. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * A value for a sentence: scalars as JSON, cut short; of anything larger only its type, because it may contain
 * anything.
 */
function shown(value: unknown, conceal: Conceal): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(conceal(value)) : conceal(JSON.stringify(value));
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
