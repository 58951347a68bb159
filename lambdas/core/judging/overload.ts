// Overload told from death: a process that says it has too much to do lives, and a restart would only make it worse.

/** What of an answer tells overload. `body` is its beginning, where it was read. */
type Answer = Readonly<{ status: number; retryAfter?: string | undefined; body?: string | undefined }>;

/**
 * Words by which a service says that it has too much to do. A load balancer without targets says none of them: it answers
 * 503 as well, and there nothing lives.
 */
const TOO_MUCH =
  /\boverload|\btoo many (requests|connections)\b|\brate.?limit|\bthrottl|\bserver (is )?(too )?busy\b|\bqueue (is )?full\b/i;

/** Of a 503 that says nothing in its headers, this much of the body is looked at. */
export const OVERLOAD_BODY_CHARACTERS = 4_096;

/** Whether the beginning of the body can tell what the headers do not. */
export const mayTellOverload = ({ status, retryAfter }: Answer): boolean => status === 503 && retryAfter === undefined;

/** How it says so, in words for people; undefined when it does not. */
export function overloadOf({ status, retryAfter, body = '' }: Answer): string | undefined {
  if (status === 429) return 'answered 429 Too Many Requests';
  if (status !== 503) return undefined;
  if (retryAfter !== undefined) return 'answered 503 and asks to come back later (Retry-After)';
  return TOO_MUCH.test(body.slice(0, OVERLOAD_BODY_CHARACTERS))
    ? 'answered 503 and says that it is overloaded'
    : undefined;
}
