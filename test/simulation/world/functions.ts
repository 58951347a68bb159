// The functions as they run in production, with this world behind their ports.
import { sendAlert } from '../../../lambdas/alert/send-alert.ts';
import { tellStorm } from '../../../lambdas/alert/tell-storm.ts';
import { tellWindow } from '../../../lambdas/alert/tell-window.ts';
import type { ProbeMessage, RestartMessage } from '../../../lambdas/contract/messages.ts';
import { type ChangePorts, noOutbox } from '../../../lambdas/flow/change-service.ts';
import type { Log, Metrics } from '../../../lambdas/ports/process.ts';
import { probeOne } from '../../../lambdas/probe/probe-one.ts';
import { probePack, type ProbePorts } from '../../../lambdas/probe/probe-pack.ts';
import { restartStep } from '../../../lambdas/restart/restart-step.ts';
import { packRound } from '../../../lambdas/schedule/pack-round.ts';
import type { Invocation } from './invocation.ts';
import {
  alertSinkOf,
  outboxOf,
  probeQueueOf,
  restartQueueOf,
  resultsOf,
  stormQueueOf,
  type Telling,
  timelineOf,
  windowQueueOf,
} from './sinks.ts';
import type { World } from './world.ts';

const silent = () => undefined;
const log: Log = { info: silent, warn: silent, error: silent };
const metrics: Metrics = { count: silent, milliseconds: silent };
const RETENTION_MS = 90 * 86_400_000;

export function changePorts(world: World, invocation: Invocation): ChangePorts {
  const { clock } = invocation;
  return { services: world.table.seenBy(invocation), outbox: outboxOf(world, invocation), clock, log };
}

export const runSchedule = (world: World, roundAt: number, invocation: Invocation): Promise<void> => {
  const queue = probeQueueOf(world, invocation);
  const ports = { fleet: world.fleet.seenBy(invocation), queue, clock: invocation.clock, metrics };
  return packRound(roundAt, `round-${roundAt}`, ports, invocation.signal);
};

export const runProbe = (world: World, message: ProbeMessage, invocation: Invocation): Promise<void> => {
  const ports: ProbePorts = {
    ...changePorts(world, invocation),
    fleet: world.fleet.seenBy(invocation),
    storms: world.fleet.stormsSeenBy(invocation),
    stormQueue: stormQueueOf(world, invocation),
    stormRules: world.stormRules,
    results: resultsOf(world, invocation),
    prober: world.network.seenBy(invocation),
    requests: world.requests.seenBy(invocation),
    metrics,
    jitter: () => invocation.jitter,
    // One prober, which probes all services.
    network: 'public',
    seesEcs: true,
    elsewhere: undefined,
    maxInFlight: world.maxInFlight,
    retentionMs: RETENTION_MS,
  };
  const { memory, signal } = invocation;
  if (message.kind === 'pack') {
    memory.errand = { beat: message.beat, isAsked: false, isOfPack: true };
    return probePack(message, ports, signal);
  }
  const { beat, intentId } = message;
  memory.errand = { beat, intentId, isAsked: intentId === undefined, isOfPack: false };
  return probeOne(message, ports, signal);
};

export const runRestart = (world: World, message: RestartMessage, invocation: Invocation): Promise<void> => {
  const restarter = world.restarters.seenBy(invocation);
  const ports = {
    ...changePorts(world, invocation),
    restarters: { ecs: restarter, ssm: restarter },
    queue: restartQueueOf(world, invocation),
    fleet: { ...world.fleet.seenBy(invocation), ...world.slots.seenBy(invocation) },
    targets: world.fleet.targetsSeenBy(invocation),
    storms: world.fleet.stormsSeenBy(invocation),
    stormRules: world.stormRules,
    maxRestarts: world.slots.most,
    jitter: () => invocation.jitter,
  };
  return restartStep(message, ports, invocation.signal);
};

export const runAlert = (world: World, message: Telling, invocation: Invocation): Promise<void> => {
  const ports = {
    ...changePorts(world, invocation),
    outbox: noOutbox,
    timeline: timelineOf(world, invocation),
    targets: world.fleet.targetsSeenBy(invocation),
    storms: world.fleet.stormsSeenBy(invocation),
    sink: alertSinkOf(world, invocation),
    bus: world.bus.seenBy(invocation),
    grouping: {
      windows: world.fleet.windowsSeenBy(invocation),
      queue: windowQueueOf(world, invocation),
      rules: world.groupRules,
    },
    metrics,
    retentionMs: RETENTION_MS,
  };
  if (!('kind' in message)) return sendAlert(message, ports, invocation.signal);
  if (message.kind === 'storm') return tellStorm(message, ports, invocation.signal);
  return tellWindow(message, ports, invocation.signal);
};
