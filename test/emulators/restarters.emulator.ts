// The restarters on the wire of moto. True there: a new deployment id for each force, revisions of task definitions, what
// a tag of an image stands for, MISSING services, error names, and that commands are found by what they bear. Not asserted: how long a rollout takes and how a command ends.
import { randomUUID } from 'node:crypto';

import { CreateRepositoryCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateDocumentCommand,
  ListCommandsCommand,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';

import { createEcrImageSource } from '../../lambdas/adapters/ecr-image-source.ts';
import { createEcsRestarter } from '../../lambdas/adapters/ecs-restarter.ts';
import { createEcsServiceState } from '../../lambdas/adapters/ecs-service-state.ts';
import { pinDocument } from '../../lambdas/adapters/ssm-document.ts';
import { createSsmRestarter } from '../../lambdas/adapters/ssm-restarter.ts';
import type { RestartStep } from '../../lambdas/core/model/restart-spec.ts';
import { standardDocuments } from '../../lib/documents.ts';
import { clientsOf, moto, REGION } from './where.ts';

const { signal } = new AbortController();
const { ecr, ecs, ssm } = clientsOf(moto);
const order = (before: string) => ({
  restartId: randomUUID(),
  begunAt: Date.now(),
  sentAt: Date.now(),
  before,
  reason: 'down',
});

describe('ECS', () => {
  const step: RestartStep = { kind: 'ecs', action: 'redeploy', cluster: 'prod', service: 'web', timeoutSeconds: 900 };
  const restarter = createEcsRestarter({ client: ecs });
  const primary = async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['web'] }));
    return services?.[0]?.deployments?.[0];
  };
  const identity = async () => {
    const seen = await restarter.inspect(step, signal);
    return seen.kind === 'ready' ? seen.identity : seen.reason;
  };
  beforeAll(async () => {
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    const containerDefinitions = [{ name: 'web', image: 'web', memory: 64 }];
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions }));
    const service = { cluster: 'prod', serviceName: 'web', taskDefinition: 'web', desiredCount: 1 };
    await ecs.send(new CreateServiceCommand(service));
  });

  it('makes a new deployment for every order, of the same task definition', async () => {
    const at = await primary();
    const before = await identity();
    expect(before).toBe(at?.id);
    const first = await restarter.send(step, order(before), signal);
    const second = await restarter.send(step, order(first), signal);
    expect(new Set([before, first, second]).size).toBe(3);
    expect(await primary()).toMatchObject({ id: second, taskDefinition: at?.taskDefinition });
    expect(await identity()).toBe(second);
  });

  it('lets an order that was sent be found again, and none where none was sent', async () => {
    const mine = order(await identity());
    expect(await restarter.find(step, mine, signal)).toBeUndefined();
    const handle = await restarter.send(step, mine, signal);
    expect(await restarter.find(step, mine, signal)).toBe(handle);
    const later = await restarter.send(step, order(handle), signal);
    expect(await restarter.look(step, { ...mine, handle }, signal)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining(`superseded by ${later}`),
    });
  });

  it.each([{ service: 'gone' }, { cluster: 'gone' }])(
    '%o is missing: refused before, and a lasting fault after',
    async (gone) => {
      const missing = { ...step, ...gone };
      expect(await restarter.inspect(missing, signal)).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('does not exist'),
      });
      await expect(restarter.send(missing, order(''), signal)).rejects.toMatchObject({
        name: 'RestartError',
        isTransient: false,
        cause: { name: expect.stringMatching(/^(Service|Cluster)NotFoundException$/) },
      });
    },
  );
});

describe('ECS, the other actions', () => {
  const step = (action: 'rollback' | 'stop-tasks') =>
    ({ kind: 'ecs', action, cluster: 'shop', service: 'cart', timeoutSeconds: 900 }) as const;
  const restarter = createEcsRestarter({ client: ecs });
  const runs = async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'shop', services: ['cart'] }));
    return services?.[0]?.taskDefinition?.split('/').at(-1);
  };
  beforeAll(async () => {
    await ecs.send(new CreateClusterCommand({ clusterName: 'shop' }));
    for (const image of ['cart:1', 'cart:2', 'cart:3']) {
      const containerDefinitions = [{ name: 'cart', image, memory: 64 }];
      await ecs.send(new RegisterTaskDefinitionCommand({ family: 'cart', containerDefinitions }));
    }
    // Of a family whose name only begins so.
    const containerDefinitions = [{ name: 'cart', image: 'cart', memory: 64 }];
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'cart-api', containerDefinitions }));
    const service = { cluster: 'shop', serviceName: 'cart', taskDefinition: 'cart:3', desiredCount: 1 };
    await ecs.send(new CreateServiceCommand(service));
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'cart:2' }));
  });

  // That the change of revision makes a new deployment is not asserted: moto changes the one that is there.
  it('goes back to the newest revision that is still active, and no further', async () => {
    const seen = await restarter.inspect(step('rollback'), signal);
    expect(seen).toMatchObject({ kind: 'ready', pin: expect.stringMatching(/:task-definition\/cart:1$/) });
    if (seen.kind !== 'ready') return;
    const mine = order(seen.identity);
    const handle = await restarter.send(step('rollback'), { ...mine, pin: seen.pin }, signal);
    expect(await runs()).toBe('cart:1');
    expect(await restarter.inspect(step('rollback'), signal, handle)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('runs cart:1 although cart:3 is there'),
    });
  });

  it('stops no task that is not called unhealthy, and finds no order where there was none', async () => {
    expect(await restarter.find(step('stop-tasks'), order(''), signal)).toBeUndefined();
    await expect(restarter.send(step('stop-tasks'), order(''), signal)).rejects.toMatchObject({
      message: 'ECS service shop/cart: ECS calls no task unhealthy',
      isTransient: false,
    });
  });

  it('tells how a service stands, for evidence and for its probe', async () => {
    expect(await restarter.evidence(step('rollback'), signal)).toMatch(
      /^\d of 1 tasks run, \d are pending\ndeployment /,
    );
    const state = createEcsServiceState(ecs);
    expect(await state('shop', 'cart', signal)).toMatchObject({ desired: 1, deployments: [{ status: 'PRIMARY' }] });
    expect(await state('shop', 'gone', signal)).toBeUndefined();
    expect(await state('gone', 'cart', signal)).toBeUndefined();
  });
});

describe('ECR', () => {
  const reference = { registryId: moto.accountId, region: REGION, repository: 'cart', tag: 'stable' };
  const source = createEcrImageSource(ecr);
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  /** moto reckons no digest of its own that tells two images apart, so it is told. */
  const push = async (letter: string) => {
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, layers: [], config: { digest: letter } });
    const imageDigest = `sha256:${letter.repeat(64)}`;
    const pushed = { repositoryName: 'cart', imageTag: 'stable', imageManifest, imageDigest };
    await ecr.send(new PutImageCommand(pushed));
    return imageDigest;
  };

  it('tells what a tag stands for now, and what it does not know', async () => {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'cart' }));
    const first = await push('a');
    expect(await source.digests(reference, signal)).toEqual([first]);
    const second = await push('b');
    expect(await source.digests(reference, signal)).toEqual([second]);
    expect(await source.digests({ ...reference, tag: 'gone' }, signal)).toEqual([]);
    expect(await source.digests({ ...reference, repository: 'gone' }, signal)).toBeUndefined();
  });
});

describe('SSM', () => {
  const step: RestartStep = {
    kind: 'ssm',
    document: 'Lamplighter-RestartLinux',
    instanceIds: ['i-0123456789abcdef0'],
    parameters: { unit: 'billing' },
    timeoutSeconds: 60,
  };
  const restarter = createSsmRestarter({ client: ssm, documents: standardDocuments });
  const linux = standardDocuments.find(({ name }) => name === step.document)!;
  const newer = async (text: string) =>
    await ssm.send(new UpdateDocumentCommand({ Name: linux.name, Content: text, DocumentVersion: '$LATEST' }));
  beforeAll(async () => {
    for (const { name: Name, targetType: TargetType, content } of standardDocuments) {
      const document = { DocumentType: 'Command', DocumentFormat: 'JSON', Content: JSON.stringify(content) } as const;
      await ssm.send(new CreateDocumentCommand({ Name, TargetType, ...document }));
    }
  });

  it('is sent the version that was published, also beside a newer one of somebody else, and no other', async () => {
    expect(await pinDocument(ssm, linux, signal)).toEqual({ kind: 'pinned', version: '1' });
    await newer(JSON.stringify({ ...linux.content, description: 'Restarts everything.' }));
    expect(await pinDocument(ssm, linux, signal)).toEqual({ kind: 'pinned', version: '1' });
    await ssm.send(new UpdateDocumentDefaultVersionCommand({ Name: linux.name, DocumentVersion: '2' }));
    expect(await pinDocument(ssm, linux, signal)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('in version 2 is not what this deployment published'),
    });
    // Version 3, with the keys and spaces of another hand.
    await newer(JSON.stringify(Object.fromEntries(Object.entries(linux.content).reverse()), undefined, 2));
    expect(await pinDocument(ssm, linux, signal)).toEqual({ kind: 'pinned', version: '3' });
    expect(await pinDocument(ssm, { ...linux, name: 'Acme-None' }, signal)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('is not there'),
    });
  });

  it('is sent the document with its parameters, and the restart is named in the comment', async () => {
    const mine = { ...order(''), pin: '3' };
    const handle = await restarter.send(step, mine, signal);
    const { Commands } = await ssm.send(new ListCommandsCommand({ CommandId: handle }));
    expect(Commands).toMatchObject([
      {
        CommandId: handle,
        DocumentName: step.document,
        Parameters: { unit: ['billing'], executionTimeout: ['60'] },
        Comment: `lamplighter ${mine.restartId}`,
        InstanceIds: step.instanceIds,
      },
    ]);
    expect((await restarter.look(step, { ...mine, handle }, signal)).kind).not.toBe('failed');
  });

  it('lets a command that was sent be found by its restart, and by no other', async () => {
    const mine = { ...order(''), pin: '3' };
    const handle = await restarter.send(step, mine, signal);
    expect(await restarter.find(step, mine, signal)).toBe(handle);
    expect(await restarter.find(step, order(''), signal)).toBeUndefined();
  });

  it('that knows no such command fails by name, and is not taken for a restart', async () => {
    const unknown = { ...order(''), handle: '00000000-0000-4000-8000-000000000000' };
    await expect(restarter.look(step, unknown, signal)).rejects.toMatchObject({
      name: 'RestartError',
      cause: { name: 'InvalidCommandId' },
    });
  });
});
