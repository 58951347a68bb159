// While something that a service cannot work without is down, it is not restarted by itself: neither ordered nor, when
// that is found out later, begun.
import { type Commit, type Invariant, running } from './invariant.ts';
import { downKnown, knownDependencies } from './known-dependencies.ts';

/** The order is taken up: from now on something may be sent. */
export const begins = ({ wasRunning, isRunning }: Commit): boolean =>
  wasRunning !== undefined && isRunning?.id === wasRunning.id && isFresh(wasRunning) && !isFresh(isRunning);
const isFresh = ({ phase, actIndex, begunAt }: NonNullable<Commit['isRunning']>): boolean =>
  phase === 'preparing' && actIndex === 0 && begunAt === undefined;
/** Whether a restart of the service is past its order. */
export const isBegun = (state: Commit['after']): boolean => {
  const restart = running(state);
  return restart !== undefined && !isFresh(restart);
};

export const dependencies: Invariant = {
  name: 'no restart while a dependency is down',
  onCommit(commit, check, world) {
    const { ordered, isRunning, spec } = commit;
    const restart = ordered ?? (begins(commit) ? isRunning : undefined);
    if (restart?.trigger !== 'automatic' || spec.dependsOn.length === 0) return;
    const edges = knownDependencies(commit, world);
    const down = downKnown(edges);
    const doing = ordered ? 'ordered' : 'begun';
    check(down === undefined, () => `${restart.id} was ${doing} while ${down?.service} is down`);
    const unasked = edges.find(({ essential, isAsked }) => essential && !isAsked);
    check(unasked === undefined, () => `${restart.id} was ${doing}, and nobody looked at ${unasked?.service}`);
  },
};
