import { describe, expect, it } from 'vitest';

import type { TimelineRecord } from '../../../lambdas/core/model/timeline.ts';
import { exportLine, headLine, recordView } from '../../../lambdas/core/timeline/record-view.ts';
import { T0 } from '../../make/state.ts';

const bare: TimelineRecord = {
  ...{ at: T0, intentId: 'i1', tenant: 'default', id: 'billing', kind: 'healthy', level: 'info' },
  ...{ message: 'Healthy', action: 'none' },
};
const whole: TimelineRecord = {
  ...bare,
  ...{ kind: 'recovered', project: 'erp', failureType: 'auto_restart', message: '=timeout, "twice"' },
  ...{ action: 'restart', actionResult: 'success', detectedAt: T0 - 1_000, resolvedAt: T0 },
  ...{ incidentId: 'inc-1', restartId: 'rst-1', details: { downForMs: 1_000, by: 'ada' } },
};

describe('a record', () => {
  it('answers every question of a failure record', () => {
    expect(recordView(whole)).toEqual({
      ...{ at: '2026-01-05T08:00:00.000Z', recordId: 'i1', tenant: 'default', service: 'billing', project: 'erp' },
      ...{ kind: 'recovered', level: 'info', failureType: 'auto_restart', message: '=timeout, "twice"' },
      ...{ details: { downForMs: 1_000, by: 'ada' }, action: 'restart', actionResult: 'success' },
      ...{ detectedAt: '2026-01-05T07:59:59.000Z', resolvedAt: '2026-01-05T08:00:00.000Z' },
      ...{ incidentId: 'inc-1', restartId: 'rst-1' },
    });
  });

  it('shows the times among its details as all other times, and nothing else as one', () => {
    const details = {
      orderedAt: T0,
      failingSince: T0,
      until: T0,
      durationMs: T0,
      by: 'lookedAt',
      format: 7,
      heldAt: 'x',
    };
    const at = '2026-01-05T08:00:00.000Z';
    expect(recordView({ ...bare, details }).details).toEqual({
      ...{ orderedAt: at, failingSince: at, until: at, durationMs: T0, by: 'lookedAt', format: 7, heldAt: 'x' },
    });
    expect(recordView(bare)).not.toHaveProperty('details');
  });

  it('is one line of NDJSON, the same as the API shows', () => {
    for (const record of [bare, whole]) {
      const line = exportLine(record, 'ndjson');
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(recordView(record))));
    }
    expect(headLine('ndjson')).toBe('');
  });

  it('is one line of a table, under its head', () => {
    expect(headLine('csv')).toBe(
      'at,recordId,tenant,service,project,kind,level,failureType,message,' +
        'action,actionResult,detectedAt,resolvedAt,incidentId,restartId,details\r\n',
    );
    expect(exportLine(whole, 'csv')).toBe(
      '2026-01-05T08:00:00.000Z,i1,default,billing,erp,recovered,info,auto_restart,"\'=timeout, ""twice""",' +
        'restart,success,2026-01-05T07:59:59.000Z,2026-01-05T08:00:00.000Z,inc-1,rst-1,' +
        '"{""downForMs"":1000,""by"":""ada""}"\r\n',
    );
    expect(exportLine(bare, 'csv')).toBe(
      '2026-01-05T08:00:00.000Z,i1,default,billing,,healthy,info,,Healthy,none,,,,,,\r\n',
    );
  });
});
