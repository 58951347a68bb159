// Observe mode's score: what would have been restarted, and what came back by itself soon after.
import { describe, expect, it } from 'vitest';

import { makeService } from '../../make/service.ts';
import { makeState } from '../../make/state.ts';
import { tell, times } from '../../make/story.ts';

const observing = (intervalSeconds = 20) =>
  makeService({
    probe: { kind: 'http', url: 'https://a.example.com/', intervalSeconds },
    restart: { mode: 'observe', warmUpSeconds: 0, steps: [{ kind: 'ecs', cluster: 'prod', service: 'billing' }] },
  });
const story = (intervalSeconds?: number) => tell(observing(intervalSeconds), makeState({ health: 'healthy' }));
const closing = (told: ReturnType<typeof story>) => told.records().find(({ kind }) => kind === 'recovered');

describe('observe mode', () => {
  it('says that a service came back alone, in the closing alert and record', () => {
    const told = story().sees(['down', 'down', 'down', 'up', 'up']);
    const message = 'Healthy again after 40 s. It would have been restarted; it came back alone after 20 s.';
    expect(told.alerts().at(-1)).toMatchObject({ kind: 'recovered', message });
    expect(closing(told)).toMatchObject({ message, details: { wouldHaveRestarted: true, aloneAfterMs: 20_000 } });
    expect(told.state().observed).toEqual({ would: 1, alone: 1 });
  });

  it.each<[number, string, number]>([
    [3, 'it came back alone after 60 s.', 1],
    [4, 'it came back without that after 80 s.', 0],
    [400, 'it came back without that after 2 h 13 min.', 0],
  ])('counts up to a minute as alone: %i downs after it', (downs, words, alone) => {
    const told = story().sees([...times(2 + downs, 'down' as const), 'up', 'up']);
    expect(told.alerts().at(-1)?.message).toContain(words);
    expect(told.state().observed).toEqual({ would: 1, alone });
  });

  it('takes the last answers in a row for the return', () => {
    const told = story().sees(['down', 'down', 'down', 'up', 'down', 'down', 'down', 'up', 'up']);
    expect(closing(told)?.details).toMatchObject({ aloneAfterMs: 100_000 });
    expect(told.state().observed).toEqual({ would: 1, alone: 0 });
  });

  it('is right for beats a minute apart, however many of them verify', () => {
    expect(story(60).sees(['down', 'down', 'down', 'up', 'up']).state().observed).toEqual({ would: 1, alone: 1 });
  });

  it('says the same of a service that answers again, though not well', () => {
    const told = story().sees(['down', 'down', 'down', 'slow', 'slow']);
    expect(closing(told)?.message).toBe(
      'It answers again after 40 s, but: too_slow. It would have been restarted; it came back alone after 20 s.',
    );
  });

  it('says nothing of it where a person has restarted the service', () => {
    const told = story().sees(['down', 'down', 'down']);
    told.happens({ kind: 'requested', by: 'ada', reason: 'now', force: false });
    told.restarts().sees(['up', 'up']);
    expect(told.state()).toMatchObject({ health: 'healthy', observed: { would: 1, alone: 0 } });
    expect(closing(told)?.message).not.toContain('would have been');
    expect(closing(told)?.details).not.toHaveProperty('aloneAfterMs');
  });

  it('says nothing of it where it would not have been restarted', () => {
    const told = tell(makeService({ restart: {} }), makeState({ health: 'healthy' }));
    told.sees(['down', 'down', 'down', 'up', 'up']);
    expect(closing(told)?.message).toBe('Healthy again after 2 min');
    expect(told.state().observed).toEqual({ would: 0, alone: 0 });
  });
});
