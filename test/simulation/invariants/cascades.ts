// A cascade follows a restart that was verified, restarts all dependents of the service, each once and none before its
// own dependencies were verified, and ends.
import type { World } from '../world/world.ts';
import { type CascadeSeen, cascadesOf, hadItsTurn } from './cascade-watch.ts';
import type { Check, Commit, Invariant } from './invariant.ts';

type Kind = 'cascade_completed' | 'cascade_passed_over';
const newRecords = ({ before, after }: Commit, kind: Kind): readonly string[] =>
  after.intents.flatMap((intent) =>
    intent.kind === 'record' && intent.record.kind === kind && before.intents.every(({ id }) => id !== intent.id)
      ? [intent.record.message]
      : [],
  );

/** By the registrations as they are; not checked while they change. */
function isPlanned({ root, levels }: CascadeSeen, { invocation }: Commit, check: Check, { table }: World): void {
  const { tenant, id: rootId } = root.key;
  const items = [...table.items.values()].filter(({ service }) => service.key.tenant === tenant);
  if (items.some(({ service }) => service.registeredAt >= invocation.startedAt)) return;
  const levelOf = (id: string): number => (id === rootId ? -1 : levels.findIndex((level) => level.includes(id)));
  const isIn = (id: string): boolean => id === rootId || levelOf(id) >= 0;
  for (const { stored } of items) {
    const { id, dependsOn } = stored.service;
    if (id === rootId) continue;
    const needed = dependsOn.map(({ service }) => service).filter(isIn);
    check(
      isIn(id) === needed.length > 0,
      () => `${id} is ${isIn(id) ? '' : 'not '}planned, and stands on ${needed.join(' ')}`,
    );
    const late = needed.find((each) => isIn(id) && levelOf(each) >= levelOf(id));
    check(late === undefined, () => `${id} is planned beside or before ${late}, on which it stands`);
  }
}

function rootChanged(commit: Commit, check: Check, world: World): void {
  const { before, after, ended, service } = commit;
  const known = cascadesOf(world);
  if (after.cascade && !before.cascade) {
    const { restartId } = after.cascade;
    const isVerified = ended?.id === restartId && ended.phase === 'completed' && ended.cascade === true;
    check(isVerified, () => `a cascade follows ${restartId}, which was not verified`);
    known.set(restartId, { root: service, restartId, levels: [], passed: new Set() });
  }
  if (ended?.phase === 'completed' && ended.cascade === true)
    check(after.cascade?.restartId === ended.id, () => `${ended.id} was verified, and what depends on it is forgotten`);
  const cascade = before.cascade && known.get(before.cascade.restartId);
  if (!cascade) return;
  if (after.cascade?.levels && !before.cascade?.levels) {
    cascade.levels = after.cascade.levels;
    isPlanned(cascade, commit, check, world);
  }
  for (const message of newRecords(commit, 'cascade_passed_over')) cascade.passed.add(message.split(' ')[0] ?? '');
  const [was, is] = [before.cascade?.level ?? 0, after.cascade?.level ?? Infinity];
  const isCompleted = newRecords(commit, 'cascade_completed').length > 0;
  const done = is > was && (after.cascade || isCompleted) ? (cascade.levels[was] ?? []) : [];
  for (const id of done)
    check(hadItsTurn(cascade, id, world), () => `${cascade.restartId} goes on, and ${id} was not verified`);
  if (!after.cascade) cascade.endedAt = world.engine.now;
}

function inOrder({ ordered, watched, invocation, spec }: Commit, check: Check, world: World): void {
  const cascadeOf = ordered?.cascadeOf;
  if (cascadeOf === undefined) return;
  const isFirst = watched.orders.every((order) => order.cascadeOf !== cascadeOf);
  check(isFirst, () => `${ordered?.id} was ordered by ${cascadeOf}, which had ordered one already`);
  const cascade = cascadesOf(world).get(cascadeOf);
  if (!cascade) return check(false, () => `${ordered?.id} was ordered by ${cascadeOf}, which nobody began`);
  const isOver = cascade.endedAt !== undefined && cascade.endedAt < invocation.startedAt;
  check(!isOver, () => `${ordered?.id} was ordered by ${cascadeOf}, which is over`);
  const level = cascade.levels.findIndex((ids) => ids.includes(spec.id));
  check(level >= 0, () => `${ordered?.id} was ordered by ${cascadeOf}, which has nothing to do with it`);
  for (const id of cascade.levels.slice(0, level).flat())
    check(hadItsTurn(cascade, id, world), () => `${ordered?.id} was ordered before ${id} was verified`);
}

export const cascadesOrdered: Invariant = {
  name: 'a cascade restarts in order, once each, and ends',
  onCommit(commit, check, world) {
    rootChanged(commit, check, world);
    inOrder(commit, check, world);
  },
  onEnd({ service }, check, { table }) {
    const cascade = table.itemOf(service.key)?.stored.state.cascade;
    check(cascade === undefined, () => `the cascade that follows ${cascade?.restartId} does not end`);
  },
};
