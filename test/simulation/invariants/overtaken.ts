// A probe that comes so late that newer ones of the same service are due counts for nothing: otherwise, after a queue
// was held up for minutes, probes of one moment would count as many beats.
import type { Invariant } from './invariant.ts';

const LATE_INTERVALS = 2;
const LEAST_LATE_MS = 20_000;
/** A registration may change the interval while a pack is under way, or be read late. */
const READ_LATE_MS = 60_000;

export const overtaken: Invariant = {
  name: 'a look that a backlog overtook counts for nothing',
  onCommit({ isCounted, invocation, service, spec }, check) {
    const { errand } = invocation.memory;
    if (!isCounted || !errand?.isOfPack || service.registeredAt > invocation.startedAt - READ_LATE_MS) return;
    const lateMs = invocation.startedAt + invocation.skewMs - errand.beat;
    const mostMs = Math.max(LATE_INTERVALS * spec.probe.intervalSeconds * 1000, LEAST_LATE_MS);
    check(lateMs < mostMs, () => `a look counted that came ${lateMs / 1000} s after its beat`);
  },
};
