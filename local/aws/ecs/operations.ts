// The ECS operations of the loopback endpoint. What it cannot do it refuses; it never pretends.
import * as z from 'zod';

import { AwsFault, type JsonService } from '../wire.ts';
import type { EcsServiceConfig } from './config.ts';
import { deploy, scale, stopTask } from './deployments.ts';
import { decode, invalid } from './inputs.ts';
import { livingTask, revisionOf } from './record.ts';
import { deploymentId, type LocalService } from './service.ts';
import { clusterArn, serviceArn, serviceShape, shortName, taskArn, taskShape } from './shapes.ts';
import { revisionIn, taskDefinitionOperations } from './task-definitions.ts';

/** A running service, with its settings. */
export type Kept = Readonly<{ config: EcsServiceConfig; kept: LocalService }>;

const clusterInput = { cluster: z.string().default('default').transform(shortName) };
const names = z.array(z.string());
const describeServicesInput = z.object({
  ...clusterInput,
  services: names.min(1),
  include: z.array(z.enum(['TAGS'])).default([]),
});
// Strict for changes: accepting a field and ignoring it would be a lie.
const updateServiceInput = z.strictObject({
  ...clusterInput,
  service: z.string().transform(shortName),
  forceNewDeployment: z.boolean().default(false),
  desiredCount: z.int().min(0).max(1, 'a local service runs at most one task').optional(),
  taskDefinition: z.string().optional(),
});
const listTasksInput = z.object({
  ...clusterInput,
  serviceName: z.string().transform(shortName).optional(),
  desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).default('RUNNING'),
});
const describeTasksInput = z.object({ ...clusterInput, tasks: names.min(1).max(100) });
const stopTaskInput = z.object({
  ...clusterInput,
  task: z.string(),
  reason: z.string().default('Task stopped by user'),
});

/** The operations on the services that `all` returns at that moment. */
export function ecsOperations(all: () => readonly Kept[], now: () => number): JsonService['operations'] {
  function inCluster(cluster: string): Kept[] {
    const found = all().filter(({ kept }) => kept.record().cluster === cluster);
    if (found.length === 0) throw new AwsFault('ClusterNotFoundException', 'Cluster not found.');
    return found;
  }
  const tasksOf = ({ kept }: Kept) => kept.record().tasks.map((task) => ({ task, kept, record: kept.record() }));

  return {
    ListClusters: () => ({ clusterArns: [...new Set(all().map((one) => clusterArn(one.kept.record().cluster)))] }),
    ListServices(input: unknown) {
      const active = inCluster(decode(z.object(clusterInput), input).cluster).filter(
        (one) => one.kept.record().status === 'ACTIVE',
      );
      return { serviceArns: active.map(({ kept }) => serviceArn(kept.record().cluster, kept.record().service)) };
    },
    DescribeServices(input: unknown) {
      const { cluster, services: wanted, include } = decode(describeServicesInput, input);
      if (wanted.length > 10) throw invalid('At most 10 services may be described at once.');
      const known = inCluster(cluster);
      const found = (name: string) => known.find(({ kept }) => kept.record().service === shortName(name));
      return {
        services: wanted
          .flatMap((name) => found(name) ?? [])
          .map((one) => serviceShape(one.kept.record(), one.config, include)),
        failures: wanted
          .filter((name) => !found(name))
          .map((name) => ({ arn: serviceArn(cluster, shortName(name)), reason: 'MISSING' })),
      };
    },
    async UpdateService(input: unknown) {
      const wish = decode(updateServiceInput, input);
      const one = inCluster(wish.cluster).find(({ kept }) => kept.record().service === wish.service);
      if (!one) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
      if (one.kept.record().status !== 'ACTIVE')
        throw new AwsFault('ServiceNotActiveException', 'Service is not ACTIVE.');
      const { deploymentController } = one.config;
      const revision = wish.taskDefinition === undefined ? undefined : revisionIn(one.config, wish.taskDefinition);
      const isChanged = revision !== undefined && revision !== revisionOf(one.kept.record());
      if (wish.forceNewDeployment && deploymentController !== 'ECS') {
        throw invalid(`Cannot force a new deployment on services with a ${deploymentController} deployment controller`);
      }
      await one.kept.change((record) => {
        const scaled = scale(record, wish.desiredCount ?? record.desiredCount, now());
        return wish.forceNewDeployment || isChanged ? deploy(scaled, deploymentId(), now(), revision) : scaled;
      });
      return { service: serviceShape(one.kept.record(), one.config) };
    },
    ...taskDefinitionOperations(() => all().map(({ config }) => config)),
    ListTasks(input: unknown) {
      const { cluster, serviceName, desiredStatus } = decode(listTasksInput, input);
      const tasks = inCluster(cluster)
        .filter(({ kept }) => serviceName === undefined || kept.record().service === serviceName)
        .flatMap(tasksOf)
        .filter(({ task, record }) => taskShape(record, task).desiredStatus === desiredStatus);
      return { taskArns: tasks.map(({ task }) => taskArn(cluster, task.id)) };
    },
    DescribeTasks(input: unknown) {
      const { cluster, tasks: wanted } = decode(describeTasksInput, input);
      const known = inCluster(cluster).flatMap(tasksOf);
      const found = (name: string) => known.find(({ task }) => task.id === shortName(name));
      return {
        tasks: wanted.flatMap((name) => found(name) ?? []).map(({ record, task }) => taskShape(record, task)),
        failures: wanted
          .filter((name) => !found(name))
          .map((name) => ({ arn: taskArn(cluster, shortName(name)), reason: 'MISSING' })),
      };
    },
    async StopTask(input: unknown) {
      const { cluster, task: name, reason } = decode(stopTaskInput, input);
      const one = inCluster(cluster)
        .flatMap(tasksOf)
        .find(({ task }) => task.id === shortName(name));
      if (!one) throw invalid('The referenced task was not found.');
      if (livingTask(one.record)?.id === one.task.id) await one.kept.change((record) => stopTask(record, reason));
      const record = one.kept.record();
      return { task: taskShape(record, record.tasks.find(({ id }) => id === one.task.id) ?? one.task) };
    },
  };
}
