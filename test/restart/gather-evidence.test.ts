// Evidence never holds a restart up, whoever is asked for it.
import { describe, expect, it } from 'vitest';

import { functionTimeoutSeconds } from '../../lambdas/contract/limits.ts';
import { EVIDENCE_MS, gatherEvidence } from '../../lambdas/restart/gather-evidence.ts';
import { fakeLog } from '../fakes/fake-log.ts';

const never = new AbortController().signal;
const deaf = () => new Promise<undefined>(() => undefined);

describe('evidence', () => {
  it('that does not come in time is done without, even where nobody heeds the signal', async () => {
    const log = fakeLog();
    expect(await gatherEvidence(deaf, { log, signal: never, withinMs: 20 })).toBeUndefined();
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'no evidence could be gathered before the restart' }]);
  });

  it('is told when its time is up', async () => {
    let reason: unknown;
    const ask = (signal: AbortSignal) =>
      new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () => reject((reason = signal.reason)));
      });
    expect(await gatherEvidence(ask, { log: fakeLog(), signal: never, withinMs: 20 })).toBeUndefined();
    expect(reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('is not waited for by an invocation that has ended', async () => {
    const signal = AbortSignal.abort();
    expect(await gatherEvidence(deaf, { log: fakeLog(), signal, withinMs: 60_000 })).toBeUndefined();
  });

  it('has a fraction of the time that an invocation has', () => {
    expect(EVIDENCE_MS).toBeLessThanOrEqual((functionTimeoutSeconds.restart * 1000) / 3);
  });
});
