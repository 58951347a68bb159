// While an essential dependency of a service is down, the service is not restarted automatically: no restart is ordered
// or, if the dependency is found down later, begun.
import { type Commit, type Invariant, running } from './invariant.ts';
import { downKnown, knownDependencies } from './known-dependencies.ts';

/** The order is begun: from now on something may be sent. */
export const begins = ({ wasRunning, isRunning }: Commit): boolean =>
  wasRunning !== undefined && isRunning?.id === wasRunning.id && isFresh(wasRunning) && !isFresh(isRunning);
const isFresh = ({ phase, actIndex, begunAt }: NonNullable<Commit['isRunning']>): boolean =>
  phase === 'preparing' && actIndex === 0 && begunAt === undefined;
/** Whether the service has a restart that was already begun. */
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
