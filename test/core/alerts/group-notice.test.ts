// Many alerts in one message: what stands first, what is cut off, and who is reached.
import { describe, expect, it } from 'vitest';

import { causeFirst } from '../../../lambdas/core/alerts/cause-first.ts';
import { buildGroupNotice } from '../../../lambdas/core/alerts/group-notice.ts';
import { buildNotice } from '../../../lambdas/core/alerts/notice.ts';
import { billing, documentFor, documentOf, makeAlert, notices } from '../../make/alerts.ts';
import { T0 } from '../../make/state.ts';

const window = { id: 'w1', since: T0, until: T0 + 60_000 };
const groupOf = (...documents: Parameters<typeof buildGroupNotice>[0]) => buildGroupNotice(documents, window);
const orderOf = (...documents: Parameters<typeof causeFirst>[0]) =>
  causeFirst(documents).map(({ service, kind }) => service?.id ?? kind);

describe('the cause stands first', () => {
  it('a storm before all, good news behind all', () => {
    const well = documentFor('a', { kind: 'recovered', level: 'warning' });
    const storm = documentOf(notices.storm);
    expect(orderOf(well, documentFor('b', { level: 'critical' }), storm)).toEqual(['storm', 'b', 'a']);
  });

  it('what others stand on before them, near before far, whatever their level', () => {
    const far = documentFor('web', { level: 'critical' }, ['shop']);
    const near = documentFor('shop', { level: 'critical' }, ['db', 'mail']);
    expect(orderOf(far, near, documentFor('db', { level: 'warning' }))).toEqual(['db', 'shop', 'web']);
  });

  it('what is critical before what is not, and then what began first', () => {
    const late = documentFor('late', { level: 'error', detectedAt: T0 + 1 });
    const early = documentFor('early', { level: 'error' });
    expect(orderOf(late, early, documentFor('worst', { level: 'critical' }))).toEqual(['worst', 'early', 'late']);
    expect(orderOf(documentFor('x'), documentFor('y'))).toEqual(['x', 'y']);
  });

  it('a dependency that has recovered is no cause', () => {
    const db = documentFor('db', { kind: 'recovered', level: 'info' });
    expect(orderOf(documentFor('shop', {}, ['db']), documentFor('other', { level: 'error' }), db)).toEqual([
      ...['other', 'shop', 'db'],
    ]);
  });

  it('a circle is passed once', () => {
    const circle = [documentFor('a', {}, ['b']), documentFor('b', {}, ['a'])];
    expect(orderOf(...circle)).toHaveLength(2);
  });

  it('many that all stand on each other take no longer than they should', () => {
    const ids = Array.from({ length: 60 }, (_, at) => `s-${at}`);
    const dense = ids.map((id, at) => documentFor(id, {}, ids.slice(0, at).slice(-20)));
    expect(orderOf(...dense.toReversed())).toEqual(ids);
  });
});

describe('a group', () => {
  it('of one alert is that alert', () => {
    expect(groupOf(documentOf(notices.unhealthy))).toEqual(notices.unhealthy);
  });

  it('counts what came twice once, and is none without any', () => {
    const twice = documentFor('a');
    const notice = groupOf(twice, twice, documentFor('b'));
    expect(notice.subject).toBe('[WARNING] a is unhealthy, and 1 more alert');
    expect(notice.email).toContain('Together with it: b is unhealthy.');
    expect(() => groupOf()).toThrow('group w1 holds no alert');
  });

  it('shows thirty lines, says how many more there are, and names eight in its text', () => {
    const many = Array.from({ length: 33 }, (_, at) => documentFor(`s-${10 + at}`, { message: 'x '.repeat(200) }));
    const notice = groupOf(...many);
    const document = documentOf(notice);
    expect(document.group).toMatchObject({ count: 33, services: 33, more: 3 });
    expect(document.group?.alerts).toHaveLength(30);
    expect(document.group?.alerts[0]?.message).toHaveLength(120);
    expect(notice.email).toContain('\nand 3 more\n');
    expect(document.message).toMatch(/s-18 is unhealthy; and 24 more\.$/);
  });

  it('bears the highest level, and reaches all whom one of its alerts would have reached', () => {
    const other = documentOf(
      buildNotice(
        { ...billing, tenant: 'two', id: 'x', project: 'web', tags: { team: 'b' } },
        makeAlert({ level: 'critical' }),
      ),
    );
    const bare = documentOf(
      buildNotice({ ...billing, id: 'y', project: undefined, tags: {} }, makeAlert({ deduplicationKey: 'k' })),
    );
    const notice = groupOf(documentFor('a'), other, bare);
    expect(documentOf(notice).level).toBe('critical');
    expect(notice.attributes).toEqual({
      level: ['critical', 'warning'],
      kind: 'group',
      service: ['x', 'a', 'y'],
      tenant: ['two', 'default'],
      project: ['web', 'erp'],
      tags: ['team=b'],
    });
    expect(groupOf(documentFor('a'), documentFor('b')).attributes).toMatchObject({
      level: 'warning',
      tenant: 'default',
    });
  });
});
