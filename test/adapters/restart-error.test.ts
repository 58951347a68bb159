import { describe, expect, it } from 'vitest';

import { RestartError, toRestartError } from '../../lambdas/adapters/restart-error.ts';

const fault = (more: object, message = 'no') => Object.assign(new Error(message), more);

describe('what a restarter makes of an SDK error', () => {
  it.each([
    ['marked by the SDK', { $retryable: {} }, true],
    ['no connection', { code: 'ECONNREFUSED' }, true],
    ['too many requests', { $metadata: { httpStatusCode: 429 } }, true],
    ["AWS's own fault", { $metadata: { httpStatusCode: 502 } }, true],
    ['throttled by name', { name: 'ThrottlingException' }, true],
    ['refused', { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }, false],
    ['of an unknown code', { code: 'ERR_INVALID_ARG_TYPE' }, false],
  ])('%s: %o is transient %s', (_, more, isTransient) => {
    const cause = fault(more);
    expect(toRestartError('SendCommand', cause)).toMatchObject({ name: 'RestartError', isTransient, cause });
  });

  it('does not go by the text', () => {
    expect(toRestartError('x', fault({}, 'ThrottlingException 503 ECONNRESET')).isTransient).toBe(false);
  });

  it('takes what is no error for lasting, and leaves its own as they are', () => {
    expect(toRestartError('x', 'boo')).toMatchObject({ message: 'x: unknown fault', isTransient: false });
    const own = new RestartError('y', { isTransient: true });
    expect(toRestartError('x', own)).toBe(own);
  });
});
