import { describe, expect, it } from 'vitest';

import { changedBits, openQuestions, otherDefinition, otherImage } from '../../../lambdas/core/restart/same-bits.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/api:stable';
const reference = { registryId: '123456789012', region: 'eu-central-1', repository: 'api', tag: 'stable' };
const task = (letter: string | undefined, taskDefinition: string | undefined = 'api:4', name = 'api') => ({
  taskDefinition,
  containers: [{ name, imageDigest: letter && digest(letter) }],
});

describe('what has to be looked up before a redeploy', () => {
  it('is a tag in ECR of which something runs, each digest once', () => {
    const tasks = [task('a'), task('b'), task('a'), task('c', 'api:4', 'sidecar')];
    expect(openQuestions([{ name: 'api', image }], tasks)).toEqual([
      { image, reference, running: [digest('a'), digest('b')] },
    ]);
  });

  it.each([
    ['a digest, which is safe', `${image}@${digest('a')}`, 'a'],
    ['an image of another registry', 'nginx:1', 'a'],
    ['a container without an image', undefined, 'a'],
    ['what does not run, or runs without a digest', image, undefined],
  ])('is not %s', (_, name, running) => {
    expect(openQuestions([{ name: 'api', image: name }], [task(running)])).toEqual([]);
  });
});

describe('a redeploy', () => {
  const asked = (...running: string[]) => ({ image, reference, running: running.map(digest) });

  it('of what the tag still stands for is no deployment, whichever image of an index runs', () => {
    expect(otherImage(asked('a'), [digest('a')])).toBeUndefined();
    expect(otherImage(asked('b', 'c'), [digest('a'), digest('b'), digest('c')])).toBeUndefined();
  });

  it('of what the tag does not stand for any more is one: image, digests and the remedy are named', () => {
    expect(otherImage(asked('b', 'a'), [digest('b'), digest('c')])).toBe(
      `its image ${image} now is sha256:bbbbbbbbbbbb while sha256:aaaaaaaaaaaa runs: a redeploy would deploy it. ` +
        'Deploy it on purpose, pin the image by its digest, or set restart.otherImages to report.',
    );
  });

  it('of a tag that is gone could not start', () => {
    expect(otherImage(asked('a'), [])).toBe(
      `its image ${image} is not in the registry any more, so a redeploy could not start.`,
    );
  });

  it('of another revision than all that run is a deployment too', () => {
    expect(otherDefinition('api:5', [task('a', 'api:4'), task('a', 'api:3'), task('a', 'api:4')])).toMatch(
      /^its tasks run api:4, api:3, and a redeploy would bring up api:5\. Deploy it on purpose/,
    );
    expect(otherDefinition('api:5', [task('a', 'api:4'), task('a', 'api:5')])).toBeUndefined();
    expect(otherDefinition('api:5', [{ containers: [] }])).toBeUndefined();
  });
});

describe('after a restart', () => {
  it('nothing is said when the same runs as before, or when that cannot be told', () => {
    expect(changedBits([task('a')], [task('a'), task('a')])).toBeUndefined();
    expect(changedBits([], [task('a')])).toBeUndefined();
    expect(changedBits([task(undefined)], [task('a')])).toBeUndefined();
    expect(changedBits([task('a')], [task(undefined)])).toBeUndefined();
    expect(changedBits([task('a'), task('b')], [task('b')])).toBeUndefined();
  });

  it('it is said what runs in place of what', () => {
    expect(changedBits([task('a'), task('b')], [task('c')])).toBe(
      'changed by the restart: the image of api is sha256:cccccccccccc, was sha256:aaaaaaaaaaaa and sha256:bbbbbbbbbbbb',
    );
    expect(changedBits([task('a', 'api:5')], [task('a', 'api:4')])).toBe(
      'changed by the restart: the task definition is api:4, was api:5',
    );
    expect(changedBits([task('a', 'api:5')], [task('b', 'api:4')])).toBe(
      'changed by the restart: the task definition is api:4, was api:5, the image of api is sha256:bbbbbbbbbbbb, was sha256:aaaaaaaaaaaa',
    );
  });

  it('containers are told apart by their names', () => {
    const two = (api: string, proxy: string) => ({
      containers: [
        { name: 'api', imageDigest: digest(api) },
        { name: 'proxy', imageDigest: digest(proxy) },
      ],
    });
    expect(changedBits([two('a', 'b')], [two('a', 'c')])).toBe(
      'changed by the restart: the image of proxy is sha256:cccccccccccc, was sha256:bbbbbbbbbbbb',
    );
  });
});
