import { describe, expect, it } from 'vitest';

import type { TimelineRecord } from '../../../lambdas/core/model/timeline.ts';
import { isAskedFor, isOpen, type RecordFilter } from '../../../lambdas/core/timeline/record-filter.ts';

const record: TimelineRecord = {
  ...{ at: 1, intentId: 'i1', tenant: 'acme', id: 'billing', project: 'erp', kind: 'unhealthy', level: 'error' },
  ...{ message: 'timeout', action: 'none', failureType: 'health_check_failed' },
};

describe('a filter', () => {
  it('that asks for nothing lets everything through', () => {
    expect(isOpen({})).toBe(true);
    expect(isOpen({ type: undefined, tenant: undefined })).toBe(true);
    expect(isAskedFor({}, record)).toBe(true);
    expect(isAskedFor({}, { ...record, failureType: undefined, project: undefined })).toBe(true);
  });

  it.each([
    [{ type: ['restart_failed', 'health_check_failed'] }, { type: ['restart_failed'] }],
    [{ kind: ['recovered', 'unhealthy'] }, { kind: ['recovered'] }],
    [{ level: ['error'] }, { level: ['info', 'critical'] }],
    [{ tenant: 'acme' }, { tenant: 'default' }],
    [{ project: 'erp' }, { project: 'crm' }],
  ] satisfies [RecordFilter, RecordFilter][])('%j lets it through, and %j does not', (fits, fitsNot) => {
    expect(isAskedFor(fits, record)).toBe(true);
    expect(isAskedFor(fitsNot, record)).toBe(false);
    expect(isAskedFor({ ...fits, ...{ level: ['error'], tenant: 'acme' }, ...fitsNot }, record)).toBe(false);
    expect([isOpen(fits), isOpen(fitsNot)]).toEqual([false, false]);
  });

  it('for a failure type or a project lets nothing through that has none', () => {
    expect(isAskedFor({ type: ['health_check_failed'] }, { ...record, failureType: undefined })).toBe(false);
    expect(isAskedFor({ project: 'erp' }, { ...record, project: undefined })).toBe(false);
  });
});
