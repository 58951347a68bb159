// The worked examples of docs/healing.md on dependencies and cascades, lived through by the code that they speak of.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { circleFaults } from '../../lambdas/core/dependencies/check-dependencies.ts';
import { cycleFrom } from '../../lambdas/core/dependencies/dependency-cycle.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { makeState, T0 } from '../make/state.ts';
import { tell } from '../make/story.ts';
import { cascade, DIAMOND } from '../scenario/cascade-world.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const blocks = (title: string, language: string): readonly string[] => {
  const chapter = page.split(`## ${title}\n`)[1]?.split(/^## /m)[0] ?? '';
  return [...chapter.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) =>
    text.trim(),
  );
};
const limits = {
  minIntervalSeconds: 10,
  allowedRanges: [],
  documents: [],
  networks: ['public'],
  ecsState: true,
} as const;
const registered = () => {
  const checked = checkRegistration(JSON.parse(blocks('Dependencies', 'json')[0] ?? ''), limits);
  if (checked.kind === 'faulty') throw new Error(JSON.stringify(checked.faults));
  return toService(checked.value);
};

describe('the chapter on dependencies', () => {
  it('holds and folds beat by beat as it says', () => {
    const story = tell(registered(), makeState({ health: 'healthy' }));
    const [text = ''] = blocks('Dependencies', 'beats');
    expect(text.split('\n')).toHaveLength(5);
    for (const line of text.split('\n')) {
      const [, verdict, database, said = ''] = /^billing-api (\w+), ledger-db (\w+)\s*(?:-> (.*))?$/.exec(line) ?? [];
      const before = { records: story.records().length, told: story.told().length };
      const dependencies = [{ service: 'ledger-db', essential: true, isDown: database === 'down' }];
      story.sees([verdict === 'down' ? 'down' : 'up'], { fleet: { restartsOn: true, dependencies } });
      const kinds = story.recorded().slice(before.records);
      const held = kinds.includes('restart_held') ? [`held: ${story.state().incident?.held}`] : [];
      const changes = [
        ...(kinds.includes('unhealthy') ? ['unhealthy'] : []),
        ...held,
        ...(kinds.includes('restart_ordered') ? ['restart ordered'] : []),
        ...story
          .told()
          .slice(before.told)
          .map((told) => `told: ${told}`),
      ];
      expect(changes.join(', '), line).toBe(said);
    }
  });

  it('warns in these words of what it can work without, and names a circle so', () => {
    const [warning = '', circle = ''] = blocks('Dependencies', 'text');
    const story = tell(registered(), makeState({ health: 'healthy' }));
    story.happens({ kind: 'dependency_down', service: 'mail', incidentId: 'inc-mail', since: T0 });
    expect(story.alerts()).toMatchObject([{ kind: 'dependency_down', level: 'warning', message: warning }]);
    const database = { dependsOn: [{ service: 'billing-api', essential: true }] };
    const found = cycleFrom(
      'ledger-db',
      new Map([
        ['ledger-db', ['billing-api']],
        ['billing-api', registered().dependsOn.map(({ service }) => service)],
      ]),
    );
    expect(circleFaults(database, found ?? [])).toEqual([{ path: 'dependsOn[0].service', message: circle }]);
  });
});

describe('the chapter on cascades', () => {
  it('restarts in the order that it shows', async () => {
    const [edges = ''] = blocks('Cascade', 'stands-on');
    const shown = edges.split('\n').map((line) => line.split(':').map((part) => part.trim()));
    expect(Object.fromEntries(shown.map(([id = '', needs = '']) => [id, needs.split(', ')]))).toEqual(
      Object.fromEntries(Object.entries(DIAMOND).filter(([, needs]) => needs.length > 0)),
    );
    const levels = (blocks('Cascade', 'order')[0] ?? '').split('\n').map((level) => level.split(', '));
    const sent = (await cascade()).orders.map(({ id }) => id);
    for (const level of levels) expect(sent.splice(0, level.length).sort()).toEqual(level);
    expect(sent).toEqual([]);
  });

  it('stops with the words that it shows', async () => {
    const { timeline } = await cascade({ failing: 'invoices', minutes: 6 });
    expect(timeline.at(-1)?.message).toBe(blocks('Cascade', 'text')[0]);
  });
});
