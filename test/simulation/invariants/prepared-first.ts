// What prepares a restart must have worked: after a hook, a validation or a backup that failed there is no restart, and
// people are told by its code which it was.
import { SsmBackend } from '../world/backends/ssm.ts';
import { labelOf } from './act-track.ts';
import type { Invariant } from './invariant.ts';

const preparing = ['before', 'validate', 'backup'] as const;
const codes: Readonly<Record<string, string>> = { validate: 'RESTART_004', backup: 'RESTART_003' };

export const preparedFirst: Invariant = {
  name: 'what prepares a restart has worked before it',
  onCommit({ wasRunning, isRunning, ended, after, invocation, watched }, check) {
    if (wasRunning?.phase === 'recovering' && ended?.failure !== undefined && ended.cancelledBy === undefined)
      check(
        ended.outcome?.startsWith(ended.failure) === true,
        () => `${ended.id} failed by "${ended.failure}", and ended with "${ended.outcome}"`,
      );
    if (wasRunning?.phase !== 'preparing') return;
    const kind = watched.orderOf(wasRunning.id)?.acts.plan[wasRunning.actIndex];
    // At once, or after the hook that undoes the one before it.
    const isUndone = isRunning?.phase === 'recovering' && isRunning.held === undefined;
    // For a restart that a person cancelled, people are told what has failed meanwhile; it ends as cancelled by that
    // person.
    const isTakenBack = after.restart?.cancelledBy !== undefined;
    const why = isUndone || isTakenBack ? after.restart?.failure : ended?.outcome;
    const isFailed = isTakenBack ? why !== undefined : ended?.phase === 'failed' || isUndone;
    if (invocation.memory.progress?.kind === 'failed')
      check(isFailed, () => `${kind} of ${wasRunning.id} failed, and it is ${after.restart?.phase}`);
    const code = kind && codes[kind];
    if (isFailed && code)
      check(why?.startsWith(code) === true, () => `${wasRunning.id} failed by "${why}", without ${code}`);
  },
  onSent({ watched, order }, check, { restarters, table }) {
    const known = watched.orderOf(order.restartId);
    const { kind = 'drain' } = { kind: known?.acts.kindOf(labelOf(order.restartId)) };
    if (!known || kind !== 'restart') return;
    const restart = table.itemOf(watched.service.key)?.stored.state.restart;
    for (const [index, act] of restart?.id === known.id ? restart.acts.entries() : []) {
      if (!act.step || !preparing.some((name) => name === act.kind)) continue;
      const backend = restarters.backendOf(act.step);
      const result = backend instanceof SsmBackend ? backend.resultOf(`${known.id}-a${index}`) : undefined;
      check(result === 'success', () => `${order.restartId} was sent, and its ${act.kind} was ${result}`);
    }
  },
};
