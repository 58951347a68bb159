// The worked examples of docs/healing.md on ECS, lived through.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { wayBack } from '../../lambdas/core/restart/previous-revision.ts';
import { changedBits, openQuestions, otherImage } from '../../lambdas/core/restart/same-bits.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const chapter = (title: string) =>
  page.slice(page.indexOf(`\n## ${title}\n`)).replace(/^(\n## [\s\S]*?)\n## [\s\S]*$/, '$1');
const linesOf = (name: string) =>
  (new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '')
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+-> /) as [string, string]);
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const task = (letter: string) => ({ containers: [{ name: 'api', imageDigest: digest(letter) }] });

describe('the chapter on the actions of ECS', () => {
  it('has a registration that is taken, with the three actions in their order', () => {
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(chapter('ECS: stop, redeploy, roll back')) ?? [];
    const checked = checkRegistration(JSON.parse(json), { minIntervalSeconds: 10 } as never);
    expect(checked.kind).toBe('good');
    expect(JSON.parse(json).restart.steps.map(({ action }: { action: string }) => action)).toEqual([
      ...['stop-tasks', 'redeploy', 'rollback'],
    ]);
  });

  it('has five examples of how far back', () => expect(linesOf('revisions')).toHaveLength(5));
  it.each(linesOf('revisions'))('is right about %s', (seen, outcome) => {
    const [, current = '', active = '', completed] = /^runs (\S+), active ([\d ]+?)(?:, completed (\d+))?$/.exec(seen)!;
    const deployments = completed ? [{ taskDefinition: `api:${completed}`, rolloutState: 'COMPLETED' }] : [];
    const way = wayBack(
      current,
      active.split(' ').map((one) => `api:${one}`),
      deployments,
    );
    expect(way.kind === 'target' ? way.target : way.reason).toBe(outcome);
  });
});

describe('the chapter on the same bits', () => {
  const image = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/api:stable';
  it('has four examples', () => expect(linesOf('images')).toHaveLength(4));
  it.each(linesOf('images'))('is right about %s', (seen, outcome) => {
    const [, running = '', tag = ''] = /^runs (\w), tag is (?:an index of )?(.+)$/.exec(seen)!;
    const current =
      tag === 'gone' ? [] : [...(seen.includes('index') ? [digest('f')] : []), ...tag.split(' ').map(digest)];
    const [question] = openQuestions([{ name: 'api', image }], [task(running)]);
    const other = otherImage(question!, current);
    if (outcome === 'goes on') expect(other).toBeUndefined();
    else expect(`refused: ${other}`).toContain(outcome);
  });

  it('is right about what is reported', () => {
    expect(chapter('Same bits')).toContain(`\`2 of 2 tasks run; ${changedBits([task('a')], [task('b')])}\``);
  });
});
