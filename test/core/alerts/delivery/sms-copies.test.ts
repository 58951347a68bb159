import { expect, it } from 'vitest';

import { smsCopies } from '../../../../lambdas/core/alerts/delivery/sms-copies.ts';

const attributes = {
  level: 'critical',
  kind: 'restart_limit_exceeded',
  project: 'erp',
  tags: ['team=payments', 'tier=1'],
};

it.each([
  [{}, true],
  [{ levels: ['critical'] }, true],
  [{ levels: ['info', 'error'] }, false],
  [{ projects: ['crm', 'erp'] }, true],
  [{ projects: ['crm'] }, false],
  [{ tags: ['tier=1'] }, true],
  [{ tags: ['tier=2'] }, false],
  [{ levels: ['critical'], projects: ['erp'], tags: ['team=payments'] }, true],
  [{ levels: ['critical'], projects: ['erp'], tags: ['team=search'] }, false],
  [{ kinds: ['escalation', 'restart_limit_exceeded'] }, true],
  [{ kinds: ['escalation'] }, false],
] as const)('a number with the filter %j gets the alert: %s', (filter, isTaken) => {
  expect(smsCopies(attributes, [filter])).toBe(isTaken ? 1 : 0);
});

it('each number counts', () => {
  expect(smsCopies(attributes, [{}, { levels: ['info'] }, { levels: ['critical'] }])).toBe(2);
});

it('a notice without a project is for nobody who wants one, as with the filter policy', () => {
  expect(smsCopies({ level: ['critical', 'info'] }, [{ projects: ['erp'] }, { tags: ['a=b'] }, {}])).toBe(1);
});
