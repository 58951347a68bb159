// What the output of a restart says of disks, and whom it is told.
import { describe, expect, it } from 'vitest';

import { buildNotice } from '../../../lambdas/core/alerts/notice.ts';
import { mainStep } from '../../make/acts.ts';
import { request } from '../../make/event.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeState } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const DAY_S = 86_400;
const serviceOf = (alerts: Document['alerts'] = {}) =>
  makeService({ alerts, restart: { steps: [mainStep], backoffSeconds: 0 } });
const wellFor = (alerts?: Document['alerts']) => tell(serviceOf(alerts), makeState({ health: 'healthy' }));
type Story = ReturnType<typeof wellFor>;

/** A person has it restarted; the script fails, or works, and says this. */
function restarted(story: Story, output: string, how: 'failed' | 'verified' = 'verified') {
  story.happens(request());
  story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet: { restartsOn: true } });
  story.reports({ kind: 'sent', handle: 'new', adopted: false });
  if (how === 'failed') story.reports({ kind: 'failed', reason: 'exit 69', output });
  else story.reports({ kind: 'changed', identity: 'new', detail: 'restarted', output });
  if (how === 'verified') story.wait(60).sees(['up', 'up']);
  return story;
}
const warnings = (story: Story) => story.alerts().filter(({ kind }) => kind === 'early_warning');

describe('a disk that is nearly full', () => {
  it.each(['verified', 'failed'] as const)('is warned of when the restart that saw it has %s', (how) => {
    const story = restarted(wellFor(), 'stopped: 12\ndisk 93 % full: /var\nup', how);
    const [warning] = warnings(story);
    expect(warning).toMatchObject({
      level: 'warning',
      message: 'A disk is nearly full: /var is 93 % full.',
      restarts: 0,
    });
    expect(warning?.deduplicationKey).toMatch(/^disk-\w+-\w+-\d+:early_warning$/);
    expect(story.records()).toContainEqual(
      expect.objectContaining({
        ...{ kind: 'early_warning', incidentId: warning?.incidentId, restartId: story.restart().id, action: 'alert' },
        message: warning?.message,
      }),
    );
    expect(story.state().owed).toMatchObject({ warning: 1 });
  });

  it('is named with its host where there are several', () => {
    const output = 'i-0abc:\ndisk 90 % full: /\nup\nmi-0def:\ndisk 89 % full: /\ndisk 100 % full: C:';
    expect(warnings(restarted(wellFor(), output)).map(({ message }) => message)).toEqual([
      'A disk is nearly full: / on i-0abc is 90 % full, C: on mi-0def is 100 % full.',
    ]);
  });

  it('is told of once a day, however often the service is restarted', () => {
    const story = restarted(wellFor(), 'disk 93 % full: /');
    restarted(story, 'disk 94 % full: /');
    expect(warnings(story)).toHaveLength(1);
    restarted(story.wait(DAY_S), 'disk 95 % full: /');
    expect(warnings(story)).toHaveLength(2);
  });

  it.each<[string, Document['alerts'], string]>([
    ['off', { enabled: false }, 'off'],
    ['of errors only', { minLevel: 'error' }, 'level'],
  ])('is in the timeline only, and counted, where alerts are %s', (_, alerts, reason) => {
    const story = restarted(wellFor(alerts), 'disk 93 % full: /');
    expect(warnings(story)).toEqual([]);
    expect(story.records()).toContainEqual(expect.objectContaining({ kind: 'early_warning', action: 'none' }));
    expect(story.state().disksToldAt).toBeUndefined();
    const others = restarted(wellFor(alerts), 'disk 89 % full: /').state().heldBack?.[reason as 'off'] ?? 0;
    expect(story.state().heldBack).toMatchObject({ [reason]: others + 1 });
  });

  it.each(['', 'disk 89 % full: /', 'the disk 93 % full: / is none', 'disk 93 % full: ', 'disk 1000 % full: /'])(
    'is none in %j',
    (output) => {
      const story = restarted(wellFor(), output);
      expect(story.recorded()).not.toContain('early_warning');
    },
  );

  it('reads well', () => {
    const [warning] = warnings(restarted(wellFor(), 'disk 93 % full: /var'));
    if (!warning) throw new Error('there is no warning');
    const { subject, sms } = buildNotice(serviceOf(), warning);
    expect(subject).toBe('[WARNING] Billing API may fail soon');
    expect(sms).toContain('/var is 93 % full');
  });
});
