// Tells AWS's passing troubles from lasting ones, by the type of the error and never by its text.

/**
 * Whether the same call may succeed a little later: AWS's own fault, throttling, or no answer at all (refused, reset,
 * timed out, aborted). A rejected input, a missing right, a missing queue or missing credentials are not.
 */
export function isTransientFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('$fault' in error) return error.$fault === 'server' || /Throttl|^OverLimit$/.test(error.name);
  return error.name !== 'CredentialsProviderError' && !(error instanceof TypeError);
}
