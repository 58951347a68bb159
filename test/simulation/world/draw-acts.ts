// The acts around a service's restarts: hooks, the backup of the configuration, the wait for requests, a way back, and
// steps of other actions. Added to a document, drawn from a stream of its own.
import type { Random } from '../engine/random.ts';

type Document = Readonly<Record<string, unknown>>;
type Step = Readonly<Record<string, unknown>>;

/** The share of services without any acts around their restarts. */
const PLAIN = 0.4;

/** The same document with acts around its restart; it removes nothing. */
export function withActs(random: Random, document: Document): Document {
  const { id, restart } = document as { id: string; restart: Document & { steps: readonly Step[] } };
  if (restart.steps.length === 0 || random.chance(PLAIN)) return document;
  const steps = drawSteps(random, restart.steps);
  const hook = () => hookOf(random, id);
  const configuration = { ...(random.chance(0.5) && { validate: hook() }), backup: hook(), restore: hook() };
  const rollback = random.chance(0.6)
    ? { kind: 'ecs', action: 'rollback', cluster: 'prod', service: id, timeoutSeconds: random.pick([30, 120, 600]) }
    : hook();
  return {
    ...document,
    restart: {
      ...{ ...restart, steps },
      ...(random.chance(0.4) && { before: hook() }),
      ...(random.chance(0.4) && { after: hook() }),
      ...(random.chance(0.4) && { configuration }),
      ...(random.chance(0.5) && { rollback }),
      ...(random.chance(0.3) && { reload: hook() }),
      ...(random.chance(0.5) && {
        drain: { activeRequestsUrl: `https://${id}.example.com/active`, timeoutSeconds: random.pick([1, 10, 30, 120]) },
      }),
    },
  };
}

/** A ladder may begin with a cheaper step, and end with a rollback. */
function drawSteps(random: Random, steps: readonly Step[]): readonly Step[] {
  const ecs = steps.find(({ kind }) => kind === 'ecs');
  if (!ecs) return steps;
  const cheap = random.chance(0.4) ? [{ ...ecs, action: 'stop-tasks' }] : [];
  const back = random.chance(0.2) ? [{ ...ecs, action: 'rollback' }] : [];
  return [...cheap, ...steps, ...back];
}

/** Runs the script named after its place: nothing else has to be given. */
const hookOf = (random: Random, id: string): Step => ({
  kind: 'ssm',
  document: 'Lamplighter-RestartLinux',
  instanceIds: [`i-${(0xabc000 + Number(id.slice(2))).toString(16)}`],
  timeoutSeconds: random.pick([90, 120, 300]),
});
