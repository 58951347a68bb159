// A world of four services in a diamond: a person asks for a restart of the one that all stand on, and of all that stand
// on it. Its invocations can be killed, and messages doubled.
import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import { freshState, type State } from '../../lambdas/core/model/state.ts';
import { targetsOf } from '../../lambdas/core/rounds/targets.ts';
import { changeService, noOutbox } from '../../lambdas/flow/change-service.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { fakeOutbox, fakeProbeQueue, fakeQueues, fakeRestartQueue, fakeStormQueue } from '../fakes/fake-ports.ts';
import { fakeProber, up } from '../fakes/fake-prober.ts';
import type { FakeQueue } from '../fakes/fake-queue.ts';
import { restartWorld } from '../fakes/fake-restarter.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { STORM_RULES } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { Crash, type Death, type Invocation, Story } from './invocation.ts';

const MINUTE_MS = 60_000;
const { signal } = new AbortController();

/** Who stands on whom. */
export const DIAMOND: Readonly<Record<string, readonly string[]>> = {
  db: [],
  billing: ['db'],
  invoices: ['db'],
  shop: ['billing', 'invoices'],
};
const keyOf = (id: string) => ({ tenant: 'default', id });
const documentOf = (id: string) =>
  registration({
    ...{ id, dependsOn: (DIAMOND[id] ?? []).map((service) => ({ service })) },
    restart: {
      ...{ warmUpSeconds: 5, backoffSeconds: 0 },
      steps: [{ kind: 'ssm', document: 'Lamplighter-RestartLinux', instanceIds: ['i-0abc'], parameters: { unit: id } }],
    },
  });

type Plot = Readonly<{
  death?: Death | undefined;
  isDoubled?: boolean;
  failing?: string;
  /** Whose item cannot be decoded, from so many seconds on. */
  faulty?: Readonly<{ id: string; from: number }>;
  minutes?: number;
}>;

/** Plays it to its end: what was sent when, and what is left. */
export async function cascade({ death, isDoubled = false, failing, faulty, minutes = 10 }: Plot = {}) {
  const clock = fakeClock(START);
  const queues = fakeQueues(clock);
  const stores: Stores = fakeStores(1);
  const world = restartWorld(clock);
  const sink = fakeAlertSink();
  const story = new Story(death);
  const common = { clock, log: fakeLog(), metrics: fakeMetrics(), jitter: () => 0.5, retentionMs: 86_400_000 };
  const isFailing = (step: unknown) => failing !== undefined && JSON.stringify(step).includes(`"unit":"${failing}"`);
  const ssm: typeof world.restarters.ssm = {
    ...world.restarters.ssm,
    look: async (step, order, cut) =>
      isFailing(step)
        ? { kind: 'failed', reason: 'it does not start' }
        : await world.restarters.ssm.look(step, order, cut),
  };
  const read: typeof stores.services.read = async (key, cut) => {
    const isFaulty = key.id === faulty?.id && clock.now() >= START + faulty.from * 1000;
    if (isFaulty) throw Object.assign(new Error('not decoded'), { isTransient: false });
    return await stores.services.read(key, cut);
  };
  const portsOf = (life: Invocation) => {
    const services = life.mortal('services', { ...stores.services, read }, ['saveState']);
    const fleet = life.mortal('fleet', stores.fleet, ['takeSlot']);
    const storms = { storms: stores.storms, stormRules: STORM_RULES, stormQueue: fakeStormQueue(queues) };
    const shared = { ...common, ...storms, services, fleet, targets: stores.targets };
    const outbox = life.mortal('outbox', fakeOutbox(queues, clock), ['hand']);
    return {
      schedule: { ...common, ...storms, fleet, queue: life.mortal('probes', fakeProbeQueue(queues), ['sendPacks']) },
      probe: {
        ...({ ...shared, outbox, maxInFlight: 10, network: 'public', elsewhere: undefined } as const),
        ...{ results: stores.results, prober: fakeProber(() => up), requests: { count: async () => undefined } },
      },
      restart: {
        ...{ ...shared, outbox, maxRestarts: 5 },
        restarters: { ecs: world.restarters.ecs, ssm: life.mortal('ssm', ssm, ['send']) },
        queue: life.mortal('restarts', fakeRestartQueue(queues), ['again']),
      },
      alert: { ...shared, outbox: noOutbox, timeline: stores.timeline, sink: life.mortal('sink', sink, ['publish']) },
    };
  };
  type Ports = ReturnType<typeof portsOf>;
  const invoke = async (run: (ports: Ports) => Promise<void>): Promise<boolean> => {
    try {
      await run(portsOf(story.begin()));
      return true;
    } catch (error) {
      if (isCrash(error)) return false;
      throw error;
    }
  };
  const deliverFrom = async <T>(queue: FakeQueue<T>, run: (body: T, ports: Ports) => Promise<void>): Promise<void> => {
    for (let message = queue.receive(); message; message = queue.receive()) {
      const { body } = message;
      const twice = isDoubled ? [invoke((ports) => run(body, ports))] : [];
      const [isDone] = await Promise.all([invoke((ports) => run(body, ports)), ...twice]);
      if (isDone) queue.done(message);
    }
  };
  const deliverAll = async (): Promise<void> => {
    await deliverFrom(queues.probe, (message, { probe }) =>
      message.kind === 'pack' ? probePack(message, probe, signal) : probeOne(message, probe, signal),
    );
    await deliverFrom(queues.restart, (message, { restart }) => restartStep(message, restart, signal));
    await deliverFrom(queues.alert, async (message, { alert }) =>
      'intentIds' in message ? await sendAlert(message, alert, signal) : undefined,
    );
  };
  const nextAt = () => Math.min(...[queues.probe, queues.restart, queues.alert].map((queue) => queue.nextAt()));

  for (const id of Object.keys(DIAMOND)) {
    const document = documentOf(id);
    await stores.targets.point(document, targetsOf(document), signal);
    await stores.services.register(document, { ...freshState(START), health: 'healthy' }, START, signal);
  }
  await stores.fleet.expectService(0, 60, signal);
  const asked = { kind: 'requested', by: 'ada', reason: 'new certificates', force: false, cascade: true } as const;
  const outbox = fakeOutbox(queues, clock);
  await changeService(
    keyOf('db'),
    [asked],
    { ...common, services: stores.services, outbox },
    { correlationId: 'c1', signal },
  );

  for (let minute = 0; minute < minutes; minute += 1) {
    const end = START + (minute + 1) * MINUTE_MS;
    await invoke(({ schedule }) => packRound(end - MINUTE_MS, `round-${minute}`, schedule, signal));
    await deliverAll();
    while (nextAt() < end) {
      clock.set(nextAt());
      await deliverAll();
    }
    clock.set(end);
  }
  const stateOf = async (id: string): Promise<State> => {
    const stored = await stores.services.read(keyOf(id), signal);
    if (!stored) throw new Error(`${id} has gone`);
    return stored.state;
  };
  const timeline = [...(await stores.timeline.events(keyOf('db'), { limit: 100 }, signal))].reverse();
  return {
    orders: world.orders.map(({ step, at }) => ({ id: unitOf(step), at: at - START })),
    states: new Map(await Promise.all(Object.keys(DIAMOND).map(async (id) => [id, await stateOf(id)] as const))),
    timeline: timeline.filter(({ kind }) => kind.startsWith('cascade')).map(({ kind, message }) => ({ kind, message })),
    /** When each restart was verified. */
    verifiedAt: async (id: string) =>
      (await stores.timeline.restarts(keyOf(id), { limit: 5 }, signal)).map(({ at }) => at - START),
    alerts: sink.taken,
    effects: story.names,
    lastWords: story.lastWords,
  };
}

const unitOf = (step: unknown): string => /"unit":"([\w-]+)"/.exec(JSON.stringify(step))?.[1] ?? '';
const isCrash = (error: unknown): boolean =>
  error instanceof Crash || (error instanceof AggregateError && error.errors.every(isCrash));
