// A service that is removed while something is under way for it: its timeline outlives it, and says how that ended.
import { describe, expect, it } from 'vitest';

import type { Act, Cascade, Restart } from '../../../lambdas/core/model/state.ts';
import { endsRestart } from '../../../lambdas/core/model/timeline.ts';
import { lastLines } from '../../../lambdas/core/restart/restart-removed.ts';
import { request } from '../../make/event.ts';
import { makeService } from '../../make/service.ts';
import { makeRecordIntent, makeRestart, makeState, T0 } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const service = makeService({ project: 'erp' });
const NOW = T0 + 60_000;
const last = (state: Parameters<typeof makeState>[0]) => lastLines({ service, now: NOW }, makeState(state), 'jane');

const act = (kind: Act['kind']): Act => ({ kind, step: makeRestart().step });
const acts = [act('before'), act('restart'), act('after')];
const STANDS = 'What its before hook has done still stands.';

describe('the last lines of a service', () => {
  it('are none where nothing is under way and all is written', () => {
    expect(last({ health: 'unhealthy' })).toEqual([]);
    expect(last({ restart: makeRestart({ phase: 'completed' }) })).toEqual([]);
  });

  it('begin with those that nobody has written yet', () => {
    expect(last({ intents: [makeRecordIntent('i1'), makeRecordIntent('i2', T0 + 1)] })).toMatchObject([
      { at: T0, intentId: 'i1', tenant: 'default', id: service.id, project: 'erp' },
      { at: T0 + 1, intentId: 'i2' },
    ]);
  });

  it('say that a restart is followed by nobody any more, in the history of restarts too', () => {
    const story = tell(service, makeState({ health: 'healthy' }));
    story.happens(request());
    story.restarts().wait(5);
    const lines = lastLines({ service, now: story.now() }, story.state(), 'jane');
    expect(lines.map(({ kind }) => kind)).toEqual([...story.recorded(), 'restart_cancelled']);
    expect(lines.at(-1)).toMatchObject({
      at: story.now(),
      restartId: story.restart().id,
      level: 'warning',
      action: 'none',
      message: 'restart by ECS redeploy of prod/billing is not followed any more: the service was removed by jane.',
      details: { by: 'ada', trigger: 'manual', durationMs: 5_000, handle: 'new' },
    });
    expect(endsRestart(lines.at(-1)!)).toBe(true);
    expect(new Set(lines.map(({ at, intentId }) => `${at} ${intentId}`)).size).toBe(lines.length);
  });

  it.each<[string, Partial<Restart>, string, boolean]>([
    ['nothing was sent', { phase: 'preparing', acts, actIndex: 0 }, 'not carried on', false],
    [
      'its hook is under way',
      { phase: 'preparing', acts, actIndex: 0, begunAt: T0, handle: 'h' },
      'not followed',
      true,
    ],
    ['its hook is done', { phase: 'restarting', acts, actIndex: 1 }, 'not carried on', true],
    ['its last hook is next', { phase: 'restarting', acts, actIndex: 2, restartHandle: 'h' }, 'not followed', true],
    [
      'its last hook was sent',
      { phase: 'restarting', acts, actIndex: 2, begunAt: T0, handle: 'h' },
      'not followed',
      false,
    ],
    ['all is done', { phase: 'verifying', acts, actIndex: 3, restartHandle: 'h' }, 'not followed', false],
    ['nothing would undo it', { phase: 'restarting', acts: acts.slice(0, 2), actIndex: 1 }, 'not carried on', false],
    ['there was no hook', { phase: 'restarting', acts: acts.slice(1), actIndex: 1 }, 'not carried on', false],
  ])('say what becomes of it where %s', (_, change, words, stands) => {
    const [line] = last({ restart: makeRestart(change) });
    expect(line?.message).toContain(words);
    expect([line?.level, line?.message.includes(STANDS)]).toEqual([stands ? 'error' : 'warning', stands]);
  });

  it('say who is not restarted any more after it', () => {
    const cascade: Cascade = {
      ...{ restartId: 'rst-0', by: 'ada', reason: 'move', force: false, level: 0, nextAt: T0 },
      levels: [['billing'], ['shop']],
    };
    expect(last({ cascade })).toMatchObject([
      {
        kind: 'cascade_stopped',
        restartId: 'rst-0',
        message: 'the restart of what depends on it is stopped: it was removed by jane; not restarted: shop',
      },
    ]);
  });
});
