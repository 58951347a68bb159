import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { ECRClient } from '@aws-sdk/client-ecr';
import { afterEach, describe, expect, it } from 'vitest';

import { createEcrImageSource } from '../../lambdas/adapters/ecr-image-source.ts';
import { localEcr } from '../../local/aws/ecr.ts';
import { awsServer, type JsonService } from '../../local/aws/wire.ts';
import { fault } from '../fixtures/ecs-wire.ts';

const reference = { registryId: '000000000000', region: 'us-east-1', repository: 'team/api', tag: 'stable' };
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const { signal } = new AbortController();
const clean: (() => void)[] = [];
afterEach(() => {
  for (const act of clean.splice(0)) act();
});

async function open(ecr: JsonService, region = 'us-east-1') {
  const server = awsServer({ json: [ecr], query: async () => '', dynamodb: (_, response) => response.end() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new ECRClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  clean.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return createEcrImageSource(client);
}
const answering = (answer: (input: never) => unknown) =>
  open({ target: 'AmazonEC2ContainerRegistry_V20150921', operations: { BatchGetImage: answer as never } });

describe('what a tag in ECR stands for', () => {
  it('is told by the local ECR as by the settings, and none when the tag is gone', async () => {
    const images: Record<string, string> = {
      '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/api:stable': digest('a'),
    };
    const source = await open(localEcr((image) => images[image]));
    expect(await source.digests(reference, signal)).toEqual([digest('a')]);
    expect(await source.digests({ ...reference, tag: 'gone' }, signal)).toEqual([]);
  });

  it('is asked by tag, for indexes and for single images', async () => {
    let asked: unknown;
    const source = await answering((input) => {
      asked = input;
      return { images: [{ imageId: { imageDigest: digest('a') }, imageManifest: '{}' }] };
    });
    await source.digests(reference, signal);
    expect(asked).toMatchObject({
      ...{ registryId: '000000000000', repositoryName: 'team/api', imageIds: [{ imageTag: 'stable' }] },
      acceptedMediaTypes: expect.arrayContaining([
        'application/vnd.oci.image.index.v1+json',
        'application/vnd.docker.distribution.manifest.list.v2+json',
        'application/vnd.docker.distribution.manifest.v2+json',
      ]),
    });
  });

  it('is an index and every image in it', async () => {
    const imageManifest = JSON.stringify({ manifests: [{ digest: digest('b') }, { digest: digest('c') }] });
    const source = await answering(() => ({ images: [{ imageId: { imageDigest: digest('a') }, imageManifest }] }));
    expect(await source.digests(reference, signal)).toEqual(['a', 'b', 'c'].map(digest));
  });

  it.each([['no JSON'], ['{"manifests":1}'], [undefined]])(
    'is the image alone where its manifest is %s',
    async (imageManifest) => {
      const source = await answering(() => ({ images: [{ imageId: { imageDigest: digest('a') }, imageManifest }] }));
      expect(await source.digests(reference, signal)).toEqual([digest('a')]);
    },
  );

  it('cannot be told in another region, and nobody is asked', async () => {
    let asked = 0;
    const source = await answering(() => (asked += 1));
    expect(await source.digests({ ...reference, region: 'eu-central-1' }, signal)).toBeUndefined();
    expect(asked).toBe(0);
  });

  it.each([
    ['there is no such repository', fault('RepositoryNotFoundException')],
    ['it may not be read', fault('AccessDeniedException')],
    ['the answer says neither', () => ({ images: [], failures: [{ failureCode: 'KmsError' }] })],
    ['the answer cannot be read', () => ({ images: [{}] })],
  ])('cannot be told when %s', async (_, answer) => {
    expect(await (await answering(answer)).digests(reference, signal)).toBeUndefined();
  });

  it('is asked again later when ECR is in trouble', async () => {
    const source = await answering(fault('ServerException', 500));
    await expect(source.digests(reference, signal)).rejects.toMatchObject({
      name: 'RestartError',
      isTransient: true,
      cause: { name: 'ServerException' },
    });
  });
});
