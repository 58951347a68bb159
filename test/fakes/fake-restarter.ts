// What stands behind ECS and SSM: a service that an order replaces a few seconds later, and every order really sent.
import type { RestartStep } from '../../lambdas/core/model/restart-spec.ts';
import type { Restarter, RestartOrder } from '../../lambdas/ports/restarter.ts';
import type { FakeClock } from './fake-clock.ts';

export type SentOrder = Readonly<{
  restartId: string;
  kind: string;
  step: RestartStep;
  at: number;
  handle: string;
  works: boolean;
}>;
export type RestartWorld = Readonly<{
  orders: SentOrder[];
  restarters: Readonly<Record<'ecs' | 'ssm', Restarter>>;
  /** Whether an order that works has taken effect by now. */
  isHealed(): boolean;
}>;

const TAKES_MS = 4_000;

/**
 * The first `failing` orders of those that may heal fail; all others work, and heal nothing. ECS knows an order by what
 * stood there before, SSM by its id.
 */
export function restartWorld(
  clock: FakeClock,
  failing = 0,
  mayHeal: (step: RestartStep) => boolean = () => true,
): RestartWorld {
  const orders: SentOrder[] = [];
  const isOver = ({ at }: SentOrder) => clock.now() >= at + TAKES_MS;
  const standing = (kind: string) => orders.findLast((order) => order.kind === kind)?.handle ?? 'handle-0';
  const healers = () => orders.filter(({ step }) => mayHeal(step));
  const matches = {
    ecs: ({ kind, handle, at }: SentOrder, order: RestartOrder) =>
      kind === 'ecs' && handle !== order.before && at >= order.begunAt,
    ssm: ({ restartId }: SentOrder, order: RestartOrder) => restartId === order.restartId,
  };
  const restarter = (kind: 'ecs' | 'ssm'): Restarter => ({
    inspect: async () => ({ kind: 'ready', identity: standing(kind) }),
    evidence: async () => `what ${standing(kind)} left behind`,
    find: async (_step, order) => orders.find((sent) => matches[kind](sent, order))?.handle,
    send: async (step, { restartId }) => {
      const handle = `handle-${orders.length + 1}`;
      const works = !mayHeal(step) || healers().length >= failing;
      orders.push({ restartId, kind: step.kind, step, at: clock.now(), handle, works });
      return handle;
    },
    look: async (_step, { handle }) => {
      const order = orders.find((sent) => sent.handle === handle);
      if (!order || !isOver(order)) return { kind: 'running', detail: 'in progress' };
      return order.works
        ? { kind: 'changed', identity: handle, detail: `${handle} stands there now` }
        : { kind: 'failed', reason: 'the tasks did not start' };
    },
  });
  return {
    orders,
    restarters: { ecs: restarter('ecs'), ssm: restarter('ssm') },
    isHealed: () => healers().some((order) => order.works && isOver(order)),
  };
}
