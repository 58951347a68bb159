// Tells overload from death: a process that says that it is overloaded is alive, and a restart would only make it
// worse.

/** The parts of an answer that can show overload. `body` is its beginning, if it was read. */
type Answer = Readonly<{ status: number; retryAfter?: string | undefined; body?: string | undefined }>;

/**
 * Words by which a service says that it is overloaded. A load balancer without targets answers 503 as well, with
 * nothing alive behind it, but uses none of these words.
 */
const TOO_MUCH =
  /\boverload|\btoo many (requests|connections)\b|\brate.?limit|\bthrottl|\bserver (is )?(too )?busy\b|\bqueue (is )?full\b/i;

/** How much of the body is looked at when the headers of a 503 say nothing. */
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
