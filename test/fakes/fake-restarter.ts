// What stands behind ECS and SSM: a service that an order replaces a few seconds later, and every order really sent.
import type { Restarter, RestartOrder } from '../../lambdas/ports.ts';
import type { FakeClock } from './fake-clock.ts';

export type SentOrder = Readonly<{ restartId: string; kind: string; at: number; handle: string; works: boolean }>;
export type RestartWorld = Readonly<{
  orders: SentOrder[];
  restarters: Readonly<Record<'ecs' | 'ssm', Restarter>>;
  /** Whether an order that works has taken effect by now. */
  isHealed(): boolean;
}>;

const TAKES_MS = 4_000;

/** The first `failing` orders fail. ECS knows an order by what stood there before, SSM by its id. */
export function restartWorld(clock: FakeClock, failing = 0): RestartWorld {
  const orders: SentOrder[] = [];
  const isOver = ({ at }: SentOrder) => clock.now() >= at + TAKES_MS;
  const standing = () => orders.at(-1)?.handle ?? 'handle-0';
  const matches = {
    ecs: ({ handle, at }: SentOrder, order: RestartOrder) => handle !== order.before && at >= order.begunAt,
    ssm: ({ restartId }: SentOrder, order: RestartOrder) => restartId === order.restartId,
  };
  const restarter = (kind: 'ecs' | 'ssm'): Restarter => ({
    inspect: async () => ({ kind: 'ready', identity: standing() }),
    find: async (_step, order) => orders.find((sent) => matches[kind](sent, order))?.handle,
    send: async (step, { restartId }) => {
      const handle = `handle-${orders.length + 1}`;
      orders.push({ restartId, kind: step.kind, at: clock.now(), handle, works: orders.length >= failing });
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
    isHealed: () => orders.some((order) => order.works && isOver(order)),
  };
}
