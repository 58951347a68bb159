// What people read of a storm.
import { describe, expect, it } from 'vitest';

import { buildStormNotice } from '../../../lambdas/core/alerts/storm-notice.ts';
import type { Storm } from '../../../lambdas/core/health/storm.ts';
import { T0 } from '../../make/state.ts';

const storm: Storm = { id: 'storm-1', group: 'project erp', services: 20, failing: 12, openedAt: T0, lastSeenAt: T0 };

describe('the notice of a storm', () => {
  it('is critical and says what fails together, and that nothing of it is restarted', () => {
    const { subject, email, sms, attributes, json } = buildStormNotice(storm, 'storm');
    expect(subject).toBe('[CRITICAL] Storm: 12 of 20 services, project erp');
    expect(email).toContain('12 of 20 services of project erp failed together. None is restarted');
    expect(email).toContain('Since:     2026-01-05T08:00:00.000Z');
    expect(email).not.toContain('Over:');
    expect(sms.length).toBeLessThanOrEqual(160);
    expect(attributes).toEqual({ level: 'critical', kind: 'storm', project: 'erp' });
    expect(JSON.parse(json)).toEqual({
      ...{ version: 1, kind: 'storm', level: 'critical', failureType: null, deduplicationKey: 'storm-1:storm' },
      ...{ incidentId: null, message: expect.stringContaining('12 of 20'), restarts: 0, service: null },
      ...{ detectedAt: '2026-01-05T08:00:00.000Z', resolvedAt: null },
      storm: { id: 'storm-1', group: 'project erp', services: 20, failing: 12 },
      headline: 'Storm: 12 of 20 services, project erp',
      next: 'No alerts are sent for its single services. You will be notified when it is over. If they do not come back although its cause is gone, open the guard: PUT /fleet with "stormGuard": false.',
      ...{ at: null, cause: null, seen: null, held: null, tried: [], evidence: null, group: null, sms: null },
      links: { service: null, events: null, fleet: '/fleet', runbook: 'docs/alerts.md#storm' },
    });
  });

  it('says when it is over, which is only good news', () => {
    const over = { ...storm, group: 'fleet', endedAt: T0 + 60_000 };
    const { subject, email, attributes, json } = buildStormNotice(over, 'storm_over');
    expect(subject).toBe('[INFO] Storm over: 12 of 20 services, fleet');
    expect(email).toContain('It is over: restarts are ordered again.');
    expect(email).toContain('Over:      2026-01-05T08:01:00.000Z');
    expect(attributes).toEqual({ level: 'info', kind: 'storm_over' });
    expect(JSON.parse(json)).toMatchObject({
      ...{ kind: 'storm_over', deduplicationKey: 'storm-1:storm_over', resolvedAt: '2026-01-05T08:01:00.000Z' },
    });
  });

  it('of the fleet reaches whoever filters by a project or a tag in it', () => {
    const within = ['project erp', 'project crm', 'tag team=payments', 'tag token=hunter2secret'];
    const { attributes, json } = buildStormNotice({ ...storm, group: 'fleet', within }, 'storm');
    expect(attributes).toMatchObject({ project: ['erp', 'crm'], tags: ['team=payments', 'token=***'] });
    expect(JSON.parse(json)).toMatchObject({ storm: { within: expect.arrayContaining(['tag token=***']) } });
  });

  it('of a tag reaches whoever filters by it', () => {
    const { attributes } = buildStormNotice({ ...storm, group: 'tag team=payments' }, 'storm');
    expect(attributes).toEqual({ level: 'critical', kind: 'storm', tags: ['team=payments'] });
  });

  it('that is told late of a storm that is over already is still that it was there', () => {
    const { json, email } = buildStormNotice({ ...storm, endedAt: T0 + 1 }, 'storm');
    expect(JSON.parse(json)).toMatchObject({ kind: 'storm', resolvedAt: null });
    expect(email).not.toContain('Over:');
  });
});
