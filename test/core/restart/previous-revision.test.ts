import { describe, expect, it } from 'vitest';

import { revisionOf, wayBack } from '../../../lambdas/core/restart/previous-revision.ts';

const arn = (name: string) => `arn:aws:ecs:eu-central-1:123456789012:task-definition/${name}`;
const completed = (name: string) => ({ taskDefinition: arn(name), rolloutState: 'COMPLETED' });

describe('the name of a revision', () => {
  it('is taken apart, as an ARN too', () => {
    expect(revisionOf('api:4')).toEqual({ family: 'api', revision: 4 });
    expect(revisionOf(arn('team_api-2:12'))).toEqual({ family: 'team_api-2', revision: 12 });
    expect(revisionOf('api')).toBeUndefined();
    expect(revisionOf('')).toBeUndefined();
  });
});

describe('the way back', () => {
  it('is to the newest active revision before the current one, in the words in which it was given', () => {
    expect(wayBack(arn('api:5'), ['api:5', 'api:2', 'api:4', 'api:1'].map(arn), [])).toEqual({
      kind: 'target',
      target: arn('api:4'),
    });
  });

  it('is to what ran to completion last, where ECS still lists it', () => {
    const active = ['api:9', 'api:8', 'api:7', 'api:6'];
    const deployments = [{ taskDefinition: 'api:9', rolloutState: 'FAILED' }, completed('api:6'), completed('api:7')];
    expect(wayBack('api:9', active, deployments)).toEqual({ kind: 'target', target: 'api:7' });
  });

  it('is never to one older than that, not even when that is gone', () => {
    expect(wayBack('api:9', ['api:9', 'api:8', 'api:6'], [completed('api:7')])).toEqual({
      kind: 'target',
      target: 'api:8',
    });
    expect(wayBack('api:9', ['api:9', 'api:6'], [completed('api:7')])).toEqual({
      kind: 'none',
      reason: 'has no active revision before api:9 to go back to',
    });
  });

  it('does not count the current revision, another family, or what never completed, as what ran last', () => {
    const deployments = [
      completed('api:5'),
      completed('web:3'),
      { rolloutState: 'COMPLETED' },
      { taskDefinition: 'api:2' },
    ];
    expect(wayBack('api:5', ['api:5', 'api:4', 'web:3', 'web:4'], deployments)).toEqual({
      kind: 'target',
      target: 'api:4',
    });
  });

  it('ends where a newer revision is there: it was gone back already, or is meant to be elsewhere', () => {
    expect(wayBack('api:4', ['api:5', 'api:4', 'api:3'], [])).toEqual({
      kind: 'none',
      reason: 'runs api:4 although api:5 is there: it is not gone back further',
    });
  });

  it('is none from the first revision, or from what is no revision', () => {
    expect(wayBack('api:1', ['api:1', 'web:7'], [])).toEqual({
      kind: 'none',
      reason: 'has no active revision before api:1 to go back to',
    });
    expect(wayBack('', [], [])).toEqual({ kind: 'none', reason: 'runs , which is no revision of a task definition' });
  });
});
