// Which digests a tag in ECR stands for now. Reads manifests, never layers.
import { BatchGetImageCommand, type ECRClient } from '@aws-sdk/client-ecr';
import * as z from 'zod/mini';

import type { ImageSource } from '../ports/restarter.ts';
import { isTransientFault } from './aws-fault.ts';
import { toRestartError } from './restart-error.ts';

const answerSchema = z.object({
  images: z._default(
    z.array(
      z.object({
        imageId: z.object({ imageDigest: z.string() }),
        imageManifest: z._default(z.string(), '{}'),
      }),
    ),
    [],
  ),
  failures: z._default(z.array(z.object({ failureCode: z.optional(z.string()) })), []),
});
/** For an index (an image for several platforms), the manifests that it lists; a task runs one of them. */
const indexSchema = z.object({ manifests: z._default(z.array(z.object({ digest: z.string() })), []) });

const acceptedMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Looks into the registries of the client's own region; about others it knows nothing. */
export function createEcrImageSource(client: ECRClient): ImageSource {
  return {
    async digests({ registryId, region, repository, tag }, signal) {
      if (region !== (await client.config.region())) return undefined;
      try {
        const command = new BatchGetImageCommand({
          ...{ registryId, repositoryName: repository, imageIds: [{ imageTag: tag }], acceptedMediaTypes },
        });
        const { images, failures } = answerSchema.parse(await client.send(command, { abortSignal: signal }));
        if (images.length === 0 && !failures.some(({ failureCode }) => failureCode === 'ImageNotFound'))
          return undefined;
        return images.flatMap(({ imageId, imageManifest }) => [imageId.imageDigest, ...listedIn(imageManifest)]);
      } catch (error) {
        if (isTransientFault(error)) throw toRestartError(`BatchGetImage ${repository}`, error);
        // A registry of others, or none at all: nothing is known of it, and that is no reason to leave a service down.
        return undefined;
      }
    },
  };
}

function listedIn(manifest: string): readonly string[] {
  try {
    return indexSchema.parse(JSON.parse(manifest)).manifests.map(({ digest }) => digest);
  } catch {
    return []; // a manifest of a kind that we do not know lists nothing
  }
}
