// A small world: one service that breaks, the four flows, queues that deliver at least once, and a clock that jumps
// from one event to the next. Only the outermost things are fakes.
import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import type { BusEntry } from '../../lambdas/core/bus/entries.ts';
import type { RestartStep } from '../../lambdas/core/model/restart-spec.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { freshState, type State } from '../../lambdas/core/model/state.ts';
import type { TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import { noOutbox } from '../../lambdas/flow/change-service.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { fakeAlertSink, type Published } from '../fakes/fake-alert-sink.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeEventBus } from '../fakes/fake-event-bus.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { fakeOutbox, fakeProbeQueue, fakeQueues, fakeRestartQueue, fakeStormQueue } from '../fakes/fake-ports.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import type { FakeQueue } from '../fakes/fake-queue.ts';
import { restartWorld, type SentOrder } from '../fakes/fake-restarter.ts';
import type { Stores } from '../fakes/fake-stores.ts';
import { STORM_RULES } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { Crash, type Death, type Invocation, Story } from './invocation.ts';

const MINUTE_MS = 60_000;
const { signal } = new AbortController();
/** The service works for its first minutes, so that the story begins with a healthy one. */
const BREAKS_AT = START + 2.5 * MINUTE_MS;
export const SHARDS = 1;

export type Plot = Readonly<{
  stores: Stores;
  steps: readonly object[];
  /** What the policy says besides its steps. */
  policy?: object;
  failingRestarts?: number;
  /** Which orders may heal the service; all when left out. */
  mayHeal?: (step: RestartStep) => boolean;
  death?: Death | undefined;
  /** Every message comes twice at once, and a third time when it is long done. */
  isDoubled?: boolean;
  minutes?: number;
}>;
export type Ending = Readonly<{
  state: State;
  orders: readonly SentOrder[];
  published: readonly Published[];
  onBus: readonly BusEntry[];
  /** Oldest first. */
  timeline: readonly TimelineRecord[];
  history: readonly TimelineRecord[];
  effects: readonly string[];
  lastWords: readonly string[] | undefined;
}>;

/** Plays the outage to its end and says how it ended. Nothing may fail in it but the invocation that is killed. */
export async function play({
  stores,
  steps,
  policy = {},
  failingRestarts = 0,
  mayHeal,
  death,
  isDoubled = false,
  minutes = 14,
}: Plot): Promise<Ending> {
  const clock = fakeClock(START);
  const queues = fakeQueues(clock);
  const world = restartWorld(clock, failingRestarts, mayHeal);
  const [sink, bus] = [fakeAlertSink(), fakeEventBus()];
  const story = new Story(death);
  const document = registration({ restart: { steps, warmUpSeconds: 5, ...policy } });
  const key = { tenant: document.tenant, id: document.id };
  const isBroken = () => clock.now() >= BREAKS_AT && !world.isHealed();

  const common = { clock, log: fakeLog(), metrics: fakeMetrics(), jitter: () => 0.5, retentionMs: 86_400_000 };
  const portsOf = (life: Invocation) => {
    const services = life.mortal('services', stores.services, ['saveState']);
    const fleet = life.mortal('fleet', stores.fleet, ['correctCount', 'takeSlot']);
    const storms = life.mortal('storms', stores.storms, ['save']);
    const stormRules = STORM_RULES;
    const outbox = life.mortal('outbox', fakeOutbox(queues, clock), ['hand']);
    const restarter = (kind: 'ecs' | 'ssm') => life.mortal(kind, world.restarters[kind], ['send']);
    return {
      schedule: { ...common, fleet, queue: life.mortal('probes', fakeProbeQueue(queues), ['sendPacks']) },
      probe: {
        ...{ ...common, services, fleet, outbox, maxInFlight: 10 },
        ...{ storms, stormRules, stormQueue: fakeStormQueue(queues) },
        ...({ network: 'public', elsewhere: undefined } as const),
        results: life.mortal('results', stores.results, ['saveRow']),
        prober: fakeProber(() => (isBroken() ? down : up)),
        requests: { count: async () => 0 },
      },
      restart: {
        ...{ ...common, services, outbox, fleet, storms, stormRules, maxRestarts: 5 },
        restarters: { ecs: restarter('ecs'), ssm: restarter('ssm') },
        queue: life.mortal('restarts', fakeRestartQueue(queues), ['again']),
        targets: stores.targets,
      },
      alert: {
        ...{ ...common, services, outbox: noOutbox, targets: stores.targets },
        timeline: life.mortal('timeline', stores.timeline, ['append']),
        sink: life.mortal('sink', sink, ['publish']),
        bus: life.mortal('bus', bus, ['put']),
      },
    };
  };
  type Ports = ReturnType<typeof portsOf>;

  /** `false` when the invocation did not end well, so that its message comes again. */
  const invoke = async (run: (ports: Ports) => Promise<void>): Promise<boolean> => {
    try {
      await run(portsOf(story.begin()));
      return true;
    } catch (error) {
      if (isOurCrash(error)) return false;
      throw error;
    }
  };
  const deliverFrom = async <T>(queue: FakeQueue<T>, run: (body: T, ports: Ports) => Promise<void>): Promise<void> => {
    for (let message = queue.receive(); message; message = queue.receive()) {
      const { body } = message;
      const isDone = await invoke((ports) => run(body, ports));
      if (isDoubled) await invoke((ports) => run(body, ports));
      if (isDone) queue.done(message);
      if (isDoubled) late.push({ at: clock.now() + 95_000, again: () => invoke((ports) => run(body, ports)) });
    }
  };
  const late: { at: number; again: () => Promise<boolean> }[] = [];
  const deliverAll = async (): Promise<void> => {
    for (const each of late.filter(({ at }) => at <= clock.now())) {
      late.splice(late.indexOf(each), 1);
      await each.again();
    }
    await deliverFrom(queues.probe, (message, { probe }) =>
      message.kind === 'pack' ? probePack(message, probe, signal) : probeOne(message, probe, signal),
    );
    await deliverFrom(queues.restart, (message, { restart }) => restartStep(message, restart, signal));
    await deliverFrom(queues.alert, (message, { alert }) => sendAlert(message, alert, signal));
  };
  const nextAt = () =>
    Math.min(
      ...[queues.probe, queues.restart, queues.alert].map((queue) => queue.nextAt()),
      ...late.map(({ at }) => at),
    );

  await stores.fleet.expectService(0, toService(document).probe.intervalSeconds, signal);
  await stores.services.register(document, freshState(START), START, signal);
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
  const stored = await stores.services.read(key, signal);
  if (!stored) throw new Error('the service has gone');
  return {
    state: stored.state,
    orders: world.orders,
    published: sink.taken,
    onBus: bus.taken,
    timeline: [...(await stores.timeline.events(key, { limit: 100 }, signal))].reverse(),
    history: await stores.timeline.restarts(key, { limit: 100 }, signal),
    effects: story.names,
    lastWords: story.lastWords,
  };
}

const isOurCrash = (error: unknown): boolean =>
  error instanceof Crash || (error instanceof AggregateError && error.errors.every(isOurCrash));
