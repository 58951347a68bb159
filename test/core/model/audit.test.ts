import { describe, expect, it } from 'vitest';

import { askedIn, changedPaths, outcomeAt, saidIn, subjectOf } from '../../../lambdas/core/model/audit.ts';
import { ecsStep, makeRegistration, ssmStep } from '../../make/service.ts';

const url = 'https://billing.example.com/health';
const changed = (...changes: Parameters<typeof makeRegistration>[]) => {
  const [before, after] = changes.map((change) => makeRegistration(...change));
  return changedPaths(before, after!).changed;
};

describe('the outcome that is shown', () => {
  it.each([
    ['asked', 60_000, 'asked'],
    ['asked', 60_001, 'unknown'],
    ['accepted', 60_001, 'accepted'],
    ['RESTART_001', 3_600_000, 'RESTART_001'],
  ])('of %s, %i ms later, is %s', (outcome, later, shown) =>
    expect(outcomeAt({ outcome, at: 5 }, 5 + later)).toBe(shown),
  );
});

describe('the paths that a registration changed', () => {
  it.each([
    ['nothing', {}, {}, []],
    ['a field', {}, { name: 'Billing' }, ['name']],
    ['a field that comes', {}, { project: 'erp' }, ['project']],
    ['a field that goes', { project: 'erp' }, {}, ['project']],
    ['a field inside', {}, { probe: { kind: 'http', url: `${url}/x`, retries: 0 } }, ['probe.url', 'probe.retries']],
    ['a part that comes whole', {}, { readiness: { kind: 'http', url } }, ['readiness']],
    [
      'a tag',
      { tags: { team: 'a', tier: '1' } },
      { tags: { team: 'b', floor: '2' } },
      ['tags.team', 'tags.tier', 'tags.floor'],
    ],
    ['an odd tag', {}, { tags: { 'my team': 'b' } }, ['tags["my team"]']],
    ['a step that comes', {}, { restart: { steps: [ecsStep, ssmStep] } }, ['restart.steps[1]']],
    [
      'a step that goes',
      { restart: { steps: [ecsStep, ssmStep] } },
      { restart: { steps: [ecsStep] } },
      ['restart.steps[1]'],
    ],
    [
      'a value in a list',
      { restart: { steps: [ssmStep] } },
      { restart: { steps: [{ ...ssmStep, instanceIds: ['i-0abc', 'i-0fff'] }] } },
      ['restart.steps[0].instanceIds[1]'],
    ],
  ] as const)('are those of %s', (_, before, after, expected) => {
    expect(changed([before as never], [after as never])).toEqual(expected);
  });

  it('are the document itself where there was none before', () => {
    expect(changedPaths(undefined, makeRegistration())).toEqual({ changed: ['(document)'], changedCount: 1 });
  });

  it('never show a value, neither the old nor the new', () => {
    const secret = (value: string) => makeRegistration({ tags: { key: value }, name: value, version: value });
    expect(JSON.stringify(changedPaths(secret('hunter1'), secret('hunter2')))).not.toContain('hunter');
  });

  it('are bounded in number and in length, and say how many there are', () => {
    const tags = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${'"'.repeat(120)}${n}`, 'x']));
    const { changed: kept, changedCount } = changedPaths(makeRegistration(), makeRegistration({ tags }));
    expect(kept).toHaveLength(50);
    expect(Math.max(...kept.map(({ length }) => length))).toBe(200);
    expect(changedCount).toBe(60);
  });
});

describe('whom a request speaks of', () => {
  it.each([
    [{ id: 'billing' }, { tenant: 'default', id: 'billing' }],
    [
      { id: 'billing', tenant: 'acme', probe: 7 },
      { tenant: 'acme', id: 'billing' },
    ],
    [{ id: 'Billing API' }, undefined],
    [{ id: 'a#b' }, undefined],
    [{ id: 'billing', tenant: 'A' }, undefined],
    [{ id: 'x'.repeat(64) }, undefined],
    [[], undefined],
    [null, undefined],
    [undefined, undefined],
    ['billing', undefined],
  ])('of %j is %j', (input, expected) => {
    expect(subjectOf(input)).toEqual(expected);
  });
});

describe('who asks and why', () => {
  it.each([
    [
      { user: ' ada ', reason: 'it hangs', force: 'yes' },
      { user: 'ada', reason: 'it hangs' },
    ],
    [{ user: 'ada', reason: 7 }, { user: 'ada' }],
    [{ user: 'x'.repeat(101), reason: 'x'.repeat(501) }, {}],
    [{ user: ' ', reason: '' }, {}],
    [[], {}],
    [undefined, {}],
  ])('in %j is %j', (body, expected) => {
    expect(saidIn(body)).toEqual(expected);
  });
});

describe('what exactly was asked for', () => {
  const restart = { user: 'ada', reason: 'hangs', mode: 'reload', force: true, cascade: false, timeoutSeconds: 30 };
  it.each([
    ['fleet.switched', { restartsOn: false, user: 'ada', reason: 'drill' }, { restartsOn: false }],
    ['fleet.switched', { restartsOn: true, stormGuard: false, user: 'ada' }, { restartsOn: true, stormGuard: false }],
    ['restart.requested', restart, { mode: 'reload', force: true, cascade: false, timeoutSeconds: 30 }],
    ['service.paused', { user: 'ada', until: '2026-01-31T12:00:00Z' }, { until: '2026-01-31T12:00:00Z' }],
    ['incident.acknowledged', { user: 'ada', until: '2026-01-31T12:00:00Z' }, { until: '2026-01-31T12:00:00Z' }],
    ['restart.requested', { user: 'ada', reason: 'hangs' }, undefined],
    ['restart.requested', { mode: 'x'.repeat(41), force: 'yes', cascade: 1, timeoutSeconds: '9' }, undefined],
    ['fleet.switched', { restartsOn: 'no', force: true }, undefined],
    ['fleet.switched', 'text', undefined],
    ['restart.cancelled', { user: 'ada', force: true }, undefined],
    ['service.put', { force: true, mode: 'on' }, undefined],
  ] as const)('by %s with %j is %j', (action, body, expected) => {
    expect(askedIn(action, body)).toEqual(expected);
  });
});
