// Which revision of a task definition a service goes back to.

export type Revision = Readonly<{ family: string; revision: number }>;
/** A deployment as far as going back is concerned. */
type Deployed = Readonly<{ taskDefinition?: string | undefined; rolloutState?: string | undefined }>;

/** `arn:…:task-definition/api:4` or `api:4` taken apart. */
export function revisionOf(name: string): Revision | undefined {
  const [, family, revision] = /([A-Za-z0-9_-]+):(\d+)$/.exec(name) ?? [];
  return family === undefined ? undefined : { family, revision: Number(revision) };
}

/**
 * `target` is what to go back to, in the words in which it was given; a refusal is the rest of a sentence about the
 * service.
 */
export type WayBack = { kind: 'target'; target: string } | { kind: 'none'; reason: string };

/**
 * The revision to go back to from the `current` one: the one whose deployment completed last, if ECS still lists it;
 * else the newest active revision before the current one. From any but the newest revision of its family there is no
 * way back: the service was rolled back already, and each further step would start something older.
 */
export function wayBack(current: string, active: readonly string[], deployments: readonly Deployed[]): WayBack {
  const from = revisionOf(current);
  if (!from) return { kind: 'none', reason: `runs ${current}, which is no revision of a task definition` };
  const known = active.flatMap((name) => {
    const one = revisionOf(name);
    return one?.family === from.family ? [{ name, revision: one.revision }] : [];
  });
  const newest = Math.max(0, ...known.map(({ revision }) => revision));
  if (newest > from.revision)
    return {
      kind: 'none',
      reason: `runs ${from.family}:${from.revision} although ${from.family}:${newest} is there: it is not gone back further`,
    };
  const completed = deployments
    .filter(({ rolloutState }) => rolloutState === 'COMPLETED')
    .map(({ taskDefinition }) => revisionOf(taskDefinition ?? ''));
  const lastGood = Math.max(
    0,
    ...completed.flatMap((one) => (one?.family === from.family && one.revision < from.revision ? [one.revision] : [])),
  );
  const older = known.filter(({ revision }) => revision < from.revision).sort((a, b) => b.revision - a.revision);
  const target =
    older.find(({ revision }) => revision === lastGood) ?? older.find(({ revision }) => revision > lastGood);
  return target
    ? { kind: 'target', target: target.name }
    : { kind: 'none', reason: `has no active revision before ${from.family}:${from.revision} to go back to` };
}
