import { describe, expect, it } from 'vitest';

import { ecrReference, isPinned } from '../../../lambdas/core/restart/image-reference.ts';

describe('the name of an image', () => {
  it.each([
    [`nginx@sha256:${'a'.repeat(64)}`, true],
    [`1.dkr.ecr.eu-central-1.amazonaws.com/api:1@sha256:${'0'.repeat(64)}`, true],
    ['nginx:1', false],
    ['nginx@sha256:abc', false],
  ])('%s is safe by itself: %s', (image, isSafe) => {
    expect(isPinned(image)).toBe(isSafe);
  });

  const registryId = '123456789012';
  it.each([
    ['amazonaws.com/api:1.2', 'dkr.ecr.eu-central-1', { repository: 'api', tag: '1.2' }],
    ['amazonaws.com/team/api', 'dkr.ecr.eu-central-1', { repository: 'team/api', tag: 'latest' }],
    ['amazonaws.com/api:1', 'dkr.ecr-fips.eu-central-1', { repository: 'api', tag: '1' }],
    ['on.aws/api:1', 'dkr-ecr.eu-central-1', { repository: 'api', tag: '1' }],
    ['amazonaws.com.cn/a_b-c.d:V', 'dkr.ecr.cn-north-1', { repository: 'a_b-c.d', tag: 'V', region: 'cn-north-1' }],
  ])('%s of ECR is taken apart', (rest, host, parts) => {
    expect(ecrReference(`${registryId}.${host}.${rest}`)).toEqual({ registryId, region: 'eu-central-1', ...parts });
  });

  it.each([
    'nginx',
    'docker.io/library/nginx:1',
    'public.ecr.aws/nginx/nginx:1',
    '12345.dkr.ecr.eu-central-1.amazonaws.com/api:1',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example/api:1',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com/',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com/api:',
    'x123456789012.dkr.ecr.eu-central-1.amazonaws.com/api',
  ])('of %s nothing can be looked up', (image) => {
    expect(ecrReference(image)).toBeUndefined();
  });
});
