// The loopback ECS, whose services are local processes: resumes what an earlier run left and keeps it going.
import { join } from 'node:path';

import type { Storage } from '../../storage.ts';
import type { JsonService } from '../wire.ts';
import { type EcsConfig, type EcsServiceConfig, revisionsOf, serviceKey } from './config.ts';
import { deploy, scale } from './deployments.ts';
import { ecsOperations, type Kept } from './operations.ts';
import { type LocalTask, type ServiceRecord, serviceRecordSchema } from './record.ts';
import { deploymentId, keepService } from './service.ts';

export type LocalEcs = Readonly<{
  service: JsonService;
  /** Resumes what an earlier run left, including processes that still run, and launches what is missing. */
  start(): Promise<void>;
  /** Stops every process; resolves when all have ended. */
  stop(): Promise<void>;
  /** The living tasks, for people. */
  tasks(): readonly (LocalTask & { cluster: string; service: string })[];
}>;

type LocalEcsParts = Readonly<{
  storage: Storage;
  config: EcsConfig;
  /** Logs of the processes go to its folder `ecs-logs`. */
  dataDir: string;
  clock?: { now(): number };
  print?: (line: string) => void;
  /** Called with the events that EventBridge would deliver; without it, they are dropped. */
  emit?: (event: object) => Promise<void>;
  /** The present digest of an image's name; without it, no digest is known. */
  digestOf?: (image: string) => string | undefined;
}>;

/** A local ECS that keeps its state in `storage`; it does nothing until it is started. */
export function createLocalEcs(parts: LocalEcsParts): LocalEcs {
  const { storage, config, dataDir, clock = { now: Date.now }, print = () => {}, emit = async () => {} } = parts;
  const { digestOf = () => undefined } = parts;
  const now = () => clock.now();
  const store = storage.collection('ecs-services', serviceRecordSchema);
  const services = new Map<string, Kept>();

  return {
    service: {
      target: 'AmazonEC2ContainerServiceV20141113',
      operations: ecsOperations(() => [...services.values()], now),
    },
    async start() {
      const logFolder = join(dataDir, 'ecs-logs');
      const stored = new Map(await store.all());
      const known = new Map(config.map((one) => [serviceKey(one), one] as const));
      for (const key of new Set([...known.keys(), ...stored.keys()])) {
        const taken = takeUp(stored.get(key), known.get(key), now());
        await store.put(key, taken.record);
        const kept = keepService(taken.record, {
          ...{ config: taken.config, store, logFolder, now, print, emit, digestOf },
        });
        services.set(key, { config: taken.config, kept });
      }
    },
    async stop() {
      await Promise.all([...services.values()].map(({ kept }) => kept.stop('One-machine mode ended.')));
    },
    tasks: () =>
      [...services.values()].flatMap(({ kept }) => {
        const { cluster, service, tasks } = kept.record();
        return tasks.filter(isLiving).map((task) => ({ ...task, cluster, service }));
      }),
  };
}

const isLiving = ({ lastStatus }: LocalTask) => lastStatus !== 'STOPPED';

/** Combines what was stored with the settings; at least one of the two exists. */
function takeUp(stored: ServiceRecord | undefined, config: EcsServiceConfig | undefined, now: number): Taken {
  if (stored && config) return { config, record: takeUpAgain(stored, config, now) };
  if (config) return { config, record: firstRecord(config, now) };
  if (stored)
    return { config: retired(stored), record: { ...stored, status: 'INACTIVE', desiredCount: 0, launchAt: undefined } };
  throw new TypeError('a service that is neither stored nor configured');
}
type Taken = Readonly<{ config: EcsServiceConfig; record: ServiceRecord }>;

function firstRecord(config: EcsServiceConfig, now: number): ServiceRecord {
  const { cluster, service, desiredCount } = config;
  const counts = { desiredCount, configuredCount: desiredCount };
  const empty: ServiceRecord = {
    cluster,
    service,
    status: 'ACTIVE',
    createdAt: now,
    ...counts,
    deployments: [],
    tasks: [],
  };
  return deploy(empty, deploymentId(), now, revisionsOf(config).length);
}

function takeUpAgain(stored: ServiceRecord, config: EcsServiceConfig, now: number): ServiceRecord {
  const isBack = stored.status === 'INACTIVE';
  const record: ServiceRecord = { ...stored, status: 'ACTIVE', configuredCount: config.desiredCount };
  return isBack || stored.configuredCount !== config.desiredCount ? scale(record, config.desiredCount, now) : record;
}

/**
 * A service that was removed from the settings: its process, if any, is stopped in the usual way, and the service stays
 * as INACTIVE.
 */
const retired = ({ cluster, service }: ServiceRecord): EcsServiceConfig => ({
  ...{ cluster, service, command: ['true'], env: {}, tags: {}, stopTimeoutSeconds: 5, startTimeoutSeconds: 30 },
  ...{ deploymentController: 'ECS', desiredCount: 0, replaceStoppedTasks: false, revisions: [] },
});
