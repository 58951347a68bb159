// The first chapters of docs/healing.md, on ladder, phases, guards, pauses and backoff, held against the code.
import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { stormWords } from '../../lambdas/core/health/storm.ts';
import type { Surroundings } from '../../lambdas/core/model/fleet.ts';
import { causes } from '../../lambdas/core/model/observation.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import { actKinds, type State } from '../../lambdas/core/model/state.ts';
import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { backoffMs } from '../../lambdas/core/restart/backoff.ts';
import { judgeRestart, nextRung } from '../../lambdas/core/restart/restart-guards.ts';
import { currentAct, phaseOf } from '../../lambdas/core/restart/restart-plan.ts';
import { everything } from '../make/acts.ts';
import { down, tick, unknown, up } from '../make/event.ts';
import { type Document, ecsStep, makeService, ssmStep } from '../make/service.ts';
import { makeIncident, makeState, T0 } from '../make/state.ts';
import { tell } from '../make/story.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const chapter = (title: string) => page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
const block = (title: string, language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(chapter(title))?.[1] ?? '';
const linesOf = (title: string, language: string) =>
  block(title, language)
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+-> /) as [string, string]);

describe('the chapter on the ladder', () => {
  const limits = { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public'], ecsState: true };
  const checked = checkRegistration(JSON.parse(block('Ladder', 'json')), limits as never);
  if (checked.kind === 'faulty') throw new Error(JSON.stringify(checked.faults));
  const service = toService(checked.value);

  it('has five examples', () => expect(linesOf('Ladder', 'ladder')).toHaveLength(5));
  it.each(linesOf('Ladder', 'ladder'))('is right about %s', (seen, action) => {
    const [, name = '', count] = /^(\w+), restart (\d)$/.exec(seen) ?? [];
    const cause = causes.find((one) => one === name)!;
    const state = makeState({
      last: { beat: T0, verdict: 'down', cause },
      incident: makeIncident({ restarts: Number(count) - 1 }),
    });
    expect(nextRung(service, state)?.step).toMatchObject({ action });
  });
});

describe('the chapter on phases', () => {
  it('puts every act into its phase', () => {
    const shown = linesOf('Phases', 'phases').flatMap(([acts, phase]) => acts.split(', ').map((act) => [act, phase]));
    expect(Object.fromEntries(shown)).toEqual(phaseOf);
    expect(shown).toHaveLength(actKinds.length);
  });
});

/** What stands against a restart; settings, state and surroundings of a service that would else be restarted. */
type Obstacle = { restart?: Document['restart']; state?: Partial<State>; around?: Partial<Surroundings> };

/** How a guard of the page comes to speak. */
const obstacles: Record<string, Obstacle> = {
  '"mode": "off"': { restart: { mode: 'off' } },
  'no step for what was seen': { restart: { steps: [{ ...ecsStep, when: { causes: ['refused'] } }] } },
  'PUT /fleet, restartsOn false': { around: { restartsOn: false } },
  'paused by jane': { state: { paused: { by: 'jane', reason: 'a new disk', at: T0 } as never } },
  'ledger-db is down': { around: { dependencies: [{ service: 'ledger-db', essential: true, isDown: true }] } },
  '12 of 20 fail': { around: { storm: stormWords({ group: 'fleet', services: 20, failing: 12 }) } },
  'jane cancelled the last one': { state: { incident: makeIncident({ handsOff: 'cancelled' }) } },
  'three restarts in this hour': { state: { restartTimes: [3_000_000, 2_000_000, 5_000].map((ago) => T0 - ago) } },
  '"mode": "observe"': { restart: { mode: 'observe' } },
  'a restart ended 5 s ago': { state: { backoffUntil: T0 + 1_000 } },
  'nothing of all that': {},
};

/** The judgement where all of these stand against it; of two that cannot both be so, the first is. */
function judged(names: readonly string[]): string {
  const all = names.map((name) => obstacles[name] ?? {}).toReversed();
  const service = makeService({
    restart: Object.assign({ mode: 'on', steps: [ecsStep] }, ...all.map(({ restart }) => restart)),
  });
  const state = makeState({
    health: 'unhealthy',
    last: { beat: T0, verdict: 'down', cause: 'timeout' },
    incident: makeIncident(),
    ...Object.assign({}, ...all.map((one) => one.state)),
  });
  const judgement = judgeRestart(
    { service, now: T0 },
    state,
    Object.assign({ restartsOn: true }, ...all.map(({ around }) => around)),
  );
  return judgement.kind === 'go' ? 'restarted' : judgement.reason;
}

describe('the chapter on guards', () => {
  const lines = linesOf('Guards', 'guards');
  const names = lines.map(([name]) => name);

  it('knows the same guards as this test', () => expect(names).toEqual(Object.keys(obstacles)));
  it.each(lines)('is right about %s, alone', (name, outcome) => expect(judged([name])).toBe(outcome));
  it.each(lines)('is right that %s is told before all that stand below it', (name, outcome) =>
    expect(judged(names.slice(names.indexOf(name)))).toBe(outcome),
  );
});

describe('the chapters on what is asked again, and on what nobody can see', () => {
  const hook = { ...ssmStep, parameters: { restartScript: '/opt/hook.sh' } };
  const drain = { activeRequestsUrl: 'https://billing.example.com/active' };
  const policies: Record<string, Document['restart']> = {
    'nothing was done': {},
    'after hook and drain': { before: hook, drain, after: hook },
    'no after hook': { before: hook },
  };
  const down3 = (restart: Document['restart']) =>
    tell(makeService({ restart: { steps: [ecsStep], ...restart } }), makeState({ health: 'healthy' })).sees([
      'down',
      'down',
      'down',
    ]);
  const begin = (story: ReturnType<typeof down3>, storm?: string) =>
    story.reports({ kind: 'begun', before: '', leaseUntil: story.now() + 1, fleet: { restartsOn: true, storm } });
  const end = (story: ReturnType<typeof down3>) => {
    story.reports({ kind: 'sent', handle: 'h', adopted: false });
    story.reports({ kind: 'changed', identity: 'n', detail: 'done' });
  };
  /** Carries out all that comes before the step. */
  const upToStep = (story: ReturnType<typeof down3>) => {
    for (const { kind } of story.restart().acts.filter(({ kind: one }) => one === 'before' || one === 'drain')) {
      if (kind === 'before') begin(story);
      if (kind === 'before') end(story);
      else story.wait(40).happens(tick());
    }
    return story;
  };
  const endOf = (story: ReturnType<typeof down3>) => {
    const { phase, outcome } = story.restart();
    return phase === 'failed' ? `${phase}: ${outcome}` : phase;
  };
  const outcomeOf = (story: ReturnType<typeof down3>) => `${story.restart().phase}; ${story.restart().outcome}`;

  it.each(linesOf('Asked again', 'again'))('are right about %s', (when, outcome) => {
    const [, , what = ''] = /^(before the step), (.*)$/.exec(when) ?? [];
    if (what === '') {
      const story = down3({ rollback: { ...ecsStep, action: 'rollback' } });
      story
        .restarts()
        .wait(130)
        .happens(down(story.now() - 1));
      story.happens(tick());
      begin(story, 'storm');
      return expect(outcomeOf(story).replace(';', ':')).toBe(outcome);
    }
    const story = upToStep(down3(policies[what]));
    begin(story, 'storm');
    const undoing = story.restart().phase === 'recovering' ? `recovering: ${story.restart().acts[0]?.kind}; then ` : '';
    if (undoing !== '') {
      begin(story);
      end(story);
    }
    expect(undoing + outcomeOf(story)).toBe(outcome);
  });

  it.each(linesOf('Hooks and configuration', 'undone'))('are right about what follows when %s', (what, outcome) => {
    const [, name, hasEnded, withoutHook] =
      /^(\w+) (fails|cannot be sent|is not heard of)(, there is no before hook)?$/.exec(what) ?? [];
    const { before, configuration, after, rollback } = everything;
    const around = { configuration, after, rollback };
    const story = down3(withoutHook ? around : { before, ...around });
    const act = () => currentAct(story.restart()).kind;
    for (; act() !== name; end(story)) begin(story);
    begin(story);
    if (hasEnded === 'fails') story.reports({ kind: 'sent', handle: 'h', adopted: false });
    if (hasEnded === 'is not heard of') story.wait(600).happens(tick());
    else story.reports({ kind: 'failed', reason: 'exit 1' });
    const isBack = story.restart().phase === 'recovering';
    const way = story.restart().acts.map(({ kind }) => kind);
    for (; story.restart().phase === 'recovering'; end(story)) begin(story);
    expect(`${isBack ? `recovering: ${way.join(', ')}; then ` : ''}${endOf(story)}`).toBe(outcome);
  });

  it.each(linesOf('Cancel', 'cancelled'))('are right about a cancel when %s', (when, outcome) => {
    const [what = '', then] = when.split(', ');
    const [, name, how] = /^(\w+) is (done|under way)$/.exec(what) ?? [];
    const { before, configuration, after } = everything;
    const story = down3({ before, configuration, ...(then !== 'no after hook' && { after }) });
    const act = () => currentAct(story.restart()).kind;
    const phase = () => story.restart().phase;
    const fail = () => story.reports({ kind: 'failed', reason: 'exit 1' });
    for (; name !== undefined && act() !== name; end(story)) begin(story);
    if (name !== undefined) begin(story);
    if (how === 'done') end(story);
    expect(phase()).toBe('preparing');
    story.happens({ kind: 'cancelled', by: 'jane' });
    const seen: string[] = [];
    if (phase() === 'preparing') {
      seen.push(`preparing, ${act()} goes on`);
      if (then === 'and fails') fail();
      else if (then === 'nobody can tell') story.wait(600).happens(tick());
      else end(story);
    }
    if (phase() === 'recovering') {
      seen.push(`recovering: ${act()}`);
      begin(story);
      if (then === 'after fails') fail();
      else end(story);
    }
    const ending = phase() === 'failed' ? endOf(story) : story.restart().outcome;
    expect(seen.length > 0 ? `${seen.join('; ')}; then ${ending}` : ending).toBe(outcome);
  });

  it.each(linesOf('When nobody can look', 'unseen'))('are right about %s', (seen, outcome) => {
    const [, until, then = ''] = /^unknown until (\d+) s(?:, then (.*))?$/.exec(seen) ?? [];
    const story = down3({ rollback: { ...ecsStep, action: 'rollback' } })
      .restarts()
      .wait(10);
    for (let at = 0; at < Number(until); at += 5) {
      story.wait(5).happens(unknown(story.now()));
      story.happens(tick());
    }
    for (const verdict of then.split(', ').filter((one) => one !== '')) {
      story.wait(1).happens(verdict === 'up' ? up(story.now()) : down(story.now()));
      story.happens(tick());
    }
    expect(endOf(story)).toBe(outcome);
  });

  it.each(linesOf('When nobody can look', 'heard'))('are right about %s', (seen, outcome) => {
    const story = down3({ rollback: { ...ecsStep, action: 'rollback' } })
      .restarts()
      .wait(10);
    const begunAt = story.now();
    /** Rounds let time pass, also when nobody looks. */
    const until = (seconds: number) => {
      while (story.now() < begunAt + seconds * 1000) story.wait(1).happens(tick());
    };
    for (const what of seen.split(', ')) {
      const [, verdict, at] = /^(up|down) at (\d+) s$/.exec(what) ?? [];
      until(Number(at ?? /^nothing more until (\d+) s$/.exec(what)?.[1] ?? 120));
      if (verdict) story.happens(verdict === 'up' ? up(story.now()) : down(story.now()));
      story.happens(tick());
    }
    expect(endOf(story)).toBe(outcome);
  });
});

describe('the chapter on switch and pause', () => {
  it('is right about what follows beat by beat', () => {
    const story = tell(makeService(), makeState({ health: 'healthy' }));
    story.happens({ kind: 'paused', by: 'jane', reason: 'a new disk' });
    const lines = linesOf('Switch and pause', 'pause');
    expect(lines).toHaveLength(4);
    for (const [what, outcome] of lines) {
      const before = { records: story.records().length, told: story.told().length };
      if (what === 'resumed') story.happens({ kind: 'resumed', by: 'jane' });
      else story.sees(what.split(', ').map(() => 'down'));
      const kinds = story.recorded().slice(before.records);
      const told = story.told().slice(before.told);
      const followed = [
        ...(kinds.includes('unhealthy') ? ['unhealthy'] : []),
        ...told.map((text) => `told: ${text}`),
        ...(kinds.includes('restart_ordered') ? ['restart ordered'] : []),
      ];
      expect(followed.join('; ') || 'nothing', what).toBe(outcome);
    }
  });
});

describe('the chapter on budget and backoff', () => {
  it('names the defaults', () => {
    const { backoffSeconds, maxBackoffSeconds } = makeService().restart;
    expect(chapter('Budget and backoff')).toContain(`\`backoffSeconds\` (${backoffSeconds})`);
    expect(chapter('Budget and backoff')).toContain(`\`maxBackoffSeconds\` (${maxBackoffSeconds})`);
  });

  it.each(linesOf('Budget and backoff', 'backoff'))('is right about %s', (restarts, wait) => {
    const [least, most] = [0, 1].map((jitter) => backoffMs(makeService().restart, Number.parseInt(restarts), jitter));
    expect(`${least! / 1000} to ${most! / 1000} s`).toBe(wait);
  });
});

it('leads to chapters that are there, and to stories that are played', () => {
  const anchorOf = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-');
  const anchors = new Set([...page.matchAll(/^##+ (.*)$/gm)].map(([, title = '']) => anchorOf(title)));
  for (const [, target = ''] of page.matchAll(/\]\(#([^)]+)\)/g)) expect([...anchors]).toContain(target);
  const files = readdirSync(new URL('../healing', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
  for (const file of files) expect(chapter('Seen on one machine')).toContain(`\`${file}\``);
});
