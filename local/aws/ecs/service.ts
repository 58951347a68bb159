// Runs one local ECS service: observes its process, lets the model decide, stores the decision, then acts. What is
// stored before an act is enough to go on after a SIGKILL between the two.
import { randomBytes, randomInt } from 'node:crypto';

import type { Collection } from '../../storage.ts';
import { type EcsServiceConfig, revisionsOf, serviceKey } from './config.ts';
import { type Act, advanceService, examined, launched, type Sight, stopTask, taskEnded } from './deployments.ts';
import { examine } from './health.ts';
import { findByTask, isAlive, isListening, launch, signalGroup } from './processes.ts';
import { livingTask, type LocalTask, type ServiceRecord } from './record.ts';
import { stateEvents } from './state-events.ts';

const POLL_MS = 100;

export type LocalService = Readonly<{
  record(): ServiceRecord;
  /** Changes the record at once and resolves when it is on disk. */
  change(next: (record: ServiceRecord) => ServiceRecord): Promise<void>;
  /** Stops the process and its supervision; the next start launches it again. */
  stop(reason: string): Promise<void>;
}>;

type ServiceSurroundings = Readonly<{
  config: EcsServiceConfig;
  store: Collection<ServiceRecord>;
  logFolder: string;
  now: () => number;
  print: (line: string) => void;
  /** Called with the events of state changes, one after the other. */
  emit: (event: object) => Promise<void>;
  /** The present digest of an image's name, if known. */
  digestOf: (image: string) => string | undefined;
}>;

/** `ecs-svc/` and 19 digits, like ECS's names of deployments. */
export const deploymentId = () =>
  `ecs-svc/${randomInt(1, 10)}${Array.from({ length: 18 }, () => randomInt(0, 10)).join('')}`;

/** Resumes the service from `first`, and keeps it running until it is stopped. */
export function keepService(
  first: ServiceRecord,
  { config, store, logFolder, now, print, emit, digestOf }: ServiceSurroundings,
): LocalService {
  const key = serviceKey(first);
  /** Exit codes of our own children, by task; those of an earlier run's children cannot be known. */
  const exits = new Map<string, number | undefined>();
  let record = first;
  let written = Promise.resolve();
  let told = Promise.resolve();
  let isClosing = false;
  let wake = () => {};

  function change(next: (record: ServiceRecord) => ServiceRecord): Promise<void> {
    const before = record;
    record = next(record);
    if (record !== before) {
      const value = record;
      // In order: of two writes at once, the older might land last.
      written = written.catch(() => {}).then(() => store.put(key, value));
      report(before, record);
      tell(stateEvents(before, record, now()));
    }
    wake();
    return written;
  }

  function report(before: ServiceRecord, after: ServiceRecord): void {
    const [was, is] = [before.deployments[0], after.deployments[0]];
    if (is && (was?.id !== is.id || was.rolloutState !== is.rolloutState))
      print(`ecs ${key}: ${is.rolloutStateReason}`);
    const ended = after.tasks.find(({ id, lastStatus }) => lastStatus === 'STOPPED' && livingTask(before)?.id === id);
    if (ended) print(`ecs ${key}: task ${ended.id} stopped. ${ended.stoppedReason ?? ''}`);
  }

  /** Events are only sent when the record is on disk; a lost one does no harm, because rounds find what has changed. */
  function tell(events: readonly object[]): void {
    if (isClosing || events.length === 0) return;
    const safe = written;
    const send = async () => {
      await safe;
      for (const event of events) await emit(event);
    };
    told = told
      .then(send)
      .catch((error: unknown) => print(`ecs ${key}: an event is lost. ${error instanceof Error ? error.message : ''}`));
  }

  async function see(task: LocalTask): Promise<Sight> {
    if (!task.process) return { alive: false, listening: false };
    const exitCode = exits.get(task.id);
    const alive = exits.has(task.id) ? exitCode === undefined : isAlive(task.process);
    const isAsked = alive && task.lastStatus === 'PENDING' && config.port !== undefined;
    return { alive, listening: isAsked && (await isListening(config.port)), exitCode };
  }

  async function turn(): Promise<void> {
    const task = livingTask(record);
    // Without a task there is no wait: a stop must not slip in before a launch.
    const sight = task ? await see(task) : { alive: false, listening: false };
    if (livingTask(record)?.id !== task?.id) return;
    let act: Act | undefined;
    await change((latest) => {
      const decided = advanceService(latest, sight, config, { taskId: randomBytes(16).toString('hex'), now: now() });
      act = decided.act;
      return decided.record;
    });
    // Processes that a dead leader left behind would hold the port.
    if (task?.process && !sight.alive) {
      signalGroup(task.process, 'SIGKILL');
      exits.delete(task.id);
    }
    if (act) await perform(act);
  }

  async function perform(act: Act): Promise<void> {
    const task = livingTask(record);
    if (task?.id !== act.taskId) return;
    if (act.kind === 'signal') {
      if (task.process) signalGroup(task.process, act.signal);
      return;
    }
    const failed = (reason: string) => change((one) => taskEnded(one, { reason }, config, now()));
    try {
      const found = findByTask(task.id);
      if (!found && task.stopReason !== undefined) return await failed(task.stopReason);
      if (!found && config.port !== undefined && (await isListening(config.port))) {
        return await failed(`Port ${config.port} is held by another process.`);
      }
      if (!found) exits.set(task.id, undefined);
      const { image, ...run } = revisionsOf(config)[(task.revision ?? 1) - 1] ?? { ...config, image: '' };
      const launching = { ...config, ...run };
      const process = found ?? (await launch(launching, task.id, logFolder, (exitCode) => onExit(task.id, exitCode)));
      await change((one) => launched(one, process, now(), digestOf(image)));
    } catch (error) {
      await failed(`Could not be started: ${error instanceof Error ? error.message : 'unknown fault'}.`);
    }
  }

  function onExit(taskId: string, exitCode: number): void {
    exits.set(taskId, exitCode);
    wake();
  }

  async function keep(): Promise<void> {
    while (!isClosing || livingTask(record)) {
      const before = record;
      await turn().catch((error: unknown) => print(`ecs ${key}: ${error instanceof Error ? error.message : 'fault'}`));
      if (record === before) await nap();
    }
  }

  /** Until something happens, or until the next check. */
  const nap = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const kept = keep();
  const { healthCheck } = config;
  const stopExamining = healthCheck
    ? examine({
        config: { ...config, healthCheck },
        task: () => livingTask(record),
        note: (taskId, health) => change((one) => examined(one, taskId, health)),
        print,
      })
    : async () => {};
  return {
    record: () => record,
    change,
    async stop(reason) {
      await stopExamining();
      isClosing = true;
      const again = record.desiredCount > 0 ? now() : undefined;
      await change((one) => ({ ...stopTask(one, reason), launchAt: again }));
      await kept;
      await written;
      await told;
    },
  };
}
