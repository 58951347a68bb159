// The loopback ECR: which digest a tag stands for, as given in the settings. There are no images behind it.
import * as z from 'zod';

import { AwsFault, type JsonService } from './wire.ts';

/** Digests by image name, e.g. `000000000000.dkr.ecr.us-east-1.amazonaws.com/api:1`. */
export const imagesSchema = z.record(
  z.string().min(1),
  z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be a digest: sha256: and 64 hexadecimal digits'),
);

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

const batchGetImageInput = z.object({
  registryId: z.string().default(ACCOUNT),
  repositoryName: z.string(),
  imageIds: z.array(z.object({ imageTag: z.string() })),
});

/** `digestOf` is called at each request, with the full name of the image. */
export function localEcr(digestOf: (image: string) => string | undefined): JsonService {
  return {
    target: 'AmazonEC2ContainerRegistry_V20150921',
    operations: {
      BatchGetImage(input: unknown) {
        const asked = batchGetImageInput.safeParse(input).data;
        if (!asked) throw new AwsFault('InvalidParameterException', 'a repository and tags must be given');
        const { registryId, repositoryName, imageIds } = asked;
        const found = imageIds.map(({ imageTag }) => {
          const imageDigest = digestOf(`${registryId}.dkr.ecr.${REGION}.amazonaws.com/${repositoryName}:${imageTag}`);
          return { imageTag, imageDigest };
        });
        return {
          images: found
            .filter(({ imageDigest }) => imageDigest !== undefined)
            .map((imageId) => ({ registryId, repositoryName, imageId, imageManifest: '{"schemaVersion":2}' })),
          failures: found
            .filter(({ imageDigest }) => imageDigest === undefined)
            .map(({ imageTag }) => ({ imageId: { imageTag }, failureCode: 'ImageNotFound' })),
        };
      },
    },
  };
}
