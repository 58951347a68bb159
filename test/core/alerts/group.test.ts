// What goes out at once, what is collected, and when it is told.
import { describe, expect, it } from 'vitest';

import type { AlertDocument } from '../../../lambdas/core/alerts/document.ts';
import {
  type AlertWindow,
  closingOf,
  groupIdOf,
  groupTold,
  noWindows,
  type Placement,
  placementOf,
  type Timing,
  type Windows,
  windowsSchema,
} from '../../../lambdas/core/alerts/group.ts';
import { mostInGroup } from '../../../lambdas/core/alerts/group-notice.ts';
import type { QuietHours } from '../../../lambdas/core/alerts/quiet-hours.ts';
import { documentFor } from '../../make/alerts.ts';

const NOW = Date.parse('2026-01-05T08:00:00.000Z');
const rules = { groupMs: 60_000 };
const timing: Timing = { groupMs: 60_000, claimMs: 20_000, lookAgainMs: 300_000 };
const quietHours: QuietHours = { from: '08:00', to: '09:00', timeZone: 'UTC', levels: ['info', 'warning'] };
const quietRules = { ...rules, quietHours };

const alert = (key: string, more: Partial<AlertDocument> = {}): AlertDocument => ({
  ...documentFor('billing', { deduplicationKey: key }),
  ...more,
});
const window = (more: Partial<AlertWindow> = {}): AlertWindow => ({
  ...{ id: 'w1', since: NOW, until: NOW + 60_000, held: {} },
  ...more,
});
const standing = (more: Partial<Windows>): Windows => ({ ...noWindows, version: 7, ...more });
const kindOf = ({ kind }: Placement) => kind;
const full = Object.fromEntries(Array.from({ length: mostInGroup }, (_, at) => [`k${at}`, '{}']));

describe('an alert', () => {
  it('goes out at once when all was calm, and opens a window', () => {
    const placed = placementOf(alert('a'), noWindows, NOW, rules);
    const group = { id: `group-${NOW.toString(36)}-0`, since: NOW, until: NOW + 60_000, openedBy: 'a', held: {} };
    expect(placed).toEqual({ kind: 'at_once', windows: { ...noWindows, version: 1, group } });
    expect(placed.kind === 'at_once' && windowsSchema.parse(placed.windows)).toEqual(
      placed.kind === 'at_once' && placed.windows,
    );
  });

  it('that can wait opens a window, and lies in it', () => {
    const placed = placementOf(alert('a'), noWindows, NOW, rules, true);
    const group = { id: `group-${NOW.toString(36)}-0`, since: NOW, until: NOW + 60_000, held: {} };
    expect(placed).toEqual({ kind: 'begin', windows: { ...noWindows, version: 1, group } });
    expect(placementOf(alert('a'), standing({ group }), NOW, rules, true)).toMatchObject({ kind: 'hold', in: 'group' });
    expect(kindOf(placementOf(alert('a'), noWindows, NOW, { groupMs: 0 }, true))).toBe('at_once');
    expect(kindOf(placementOf(alert('a', { level: 'critical' }), noWindows, NOW, rules, true))).toBe('at_once');
  });

  it('is collected while a window is open', () => {
    const placed = placementOf(alert('b'), standing({ group: window() }), NOW + 59_999, rules);
    const document = JSON.stringify(alert('b'));
    expect(placed).toEqual({ kind: 'hold', in: 'group', windowId: 'w1', until: NOW + 60_000, document });
  });

  it('goes out at once when the window before is over, and nothing waits in it', () => {
    const placed = placementOf(alert('b'), standing({ group: window() }), NOW + 60_000, rules);
    expect(placed).toMatchObject({ kind: 'at_once', windows: { version: 8, group: { openedBy: 'b' } } });
  });

  it('joins those that wait in a window that is over, which is told any moment', () => {
    const placed = placementOf(alert('b'), standing({ group: window({ held: { a: '{}' } }) }), NOW + 60_000, rules);
    expect(placed).toMatchObject({ kind: 'hold', windowId: 'w1' });
  });

  it('goes out at once again when whoever opened the window with it has died', () => {
    const placed = placementOf(alert('a'), standing({ group: window({ openedBy: 'a' }) }), NOW + 1, rules);
    expect(placed).toEqual({ kind: 'at_once' });
  });

  it('opens no window, and waits for none, when it is critical', () => {
    const critical = alert('c', { level: 'critical' });
    expect(placementOf(critical, noWindows, NOW, rules)).toEqual({ kind: 'at_once' });
    expect(placementOf(critical, standing({ group: window() }), NOW, quietRules)).toEqual({ kind: 'at_once' });
  });

  it('goes out at once where nothing is grouped', () => {
    expect(placementOf(alert('a'), noWindows, NOW, { groupMs: 0 })).toEqual({ kind: 'at_once' });
  });

  it.each([
    ['group', { group: window({ held: { a: '{}' } }) }],
    ['quiet', { quiet: window({ held: { a: '{}' } }) }],
    ['leaving', { leaving: { ...window({ held: { a: '{}' } }), claimedUntil: 0 } }],
    ['recent', { recent: ['a'] }],
  ] as const)('that came before has nothing to add: %s', (_where, windows) => {
    expect(placementOf(alert('a'), standing(windows as Partial<Windows>), NOW, quietRules)).toEqual({ kind: 'done' });
  });

  it('has a full window told first', () => {
    const placed = placementOf(alert('a'), standing({ group: window({ held: full }) }), NOW, rules);
    expect(placed).toEqual({ kind: 'full', windowId: 'w1' });
  });

  it('is kept without its evidence when it is large, and goes out at once when it is larger', () => {
    const large = alert('a', { evidence: 'é'.repeat(1_900), tried: [] });
    const placed = placementOf(large, standing({ group: window() }), NOW, rules);
    expect(placed.kind === 'hold' && JSON.parse(placed.document)).toEqual({ ...large, evidence: null });
    const larger = alert('a', { message: 'é'.repeat(2_000) });
    expect(kindOf(placementOf(larger, standing({ group: window() }), NOW, rules))).toBe('at_once');
  });
});

describe('in quiet hours an alert', () => {
  it('waits for their end, in a window of its own', () => {
    const placed = placementOf(alert('a'), noWindows, NOW, quietRules);
    const quiet = { id: `quiet-${NOW.toString(36)}-0`, since: NOW, until: NOW + 3_600_000, held: {} };
    expect(placed).toEqual({ kind: 'begin', windows: { ...noWindows, version: 1, quiet } });
    const next = placementOf(alert('a'), standing({ quiet }), NOW + 1, quietRules);
    expect(next).toMatchObject({ kind: 'hold', in: 'quiet', windowId: quiet.id, until: NOW + 3_600_000 });
  });
  it('of another level does not', () => {
    const placed = placementOf(alert('a', { level: 'error' }), noWindows, NOW, quietRules);
    expect(placed).toMatchObject({ kind: 'at_once', windows: { group: { openedBy: 'a' } } });
  });
  it('does not wait any more when they are over', () => {
    expect(kindOf(placementOf(alert('a'), noWindows, NOW + 3_600_000, quietRules))).toBe('at_once');
  });
});

describe('a window', () => {
  const held = { b: '{}' };
  const leaving = (more = {}) => ({ ...window({ held }), claimedUntil: NOW, ...more });

  it('is told when it is over, and what follows is collected again', () => {
    const closing = closingOf(standing({ group: window({ held }) }), 'w1', NOW + 61_000, timing);
    const until = NOW + 60_000;
    const taken = { ...window({ held }), until, lookAt: NOW + 356_000, claimedUntil: NOW + 81_000 };
    expect(closing).toMatchObject({ kind: 'tell', leaving: taken, look: { id: 'w1', afterMs: 300_000 } });
    const group = { id: `group-${(NOW + 61_000).toString(36)}-7`, since: NOW + 61_000, until: NOW + 121_000, held: {} };
    expect(closing).toMatchObject({ windows: { version: 8, leaving: taken, group } });
  });

  it('is told before its time when it is full', () => {
    const closing = closingOf(standing({ group: window({ held: full }) }), 'w1', NOW + 10_000, timing, true);
    expect(closing).toMatchObject({ kind: 'tell', leaving: { since: NOW, until: NOW + 10_000, held: full } });
  });

  it('of quiet hours is followed by none', () => {
    const closing = closingOf(standing({ quiet: window({ held }) }), 'w1', NOW + 60_000, timing);
    expect(closing.kind === 'tell' && closing.windows.quiet).toBe(undefined);
    const off = closingOf(standing({ group: window({ held }) }), 'w1', NOW + 60_000, { ...timing, groupMs: 0 });
    expect(off.kind === 'tell' && off.windows.group).toBe(undefined);
  });

  it('in which nothing waits is gone when it is over', () => {
    const closing = closingOf(standing({ group: window() }), 'w1', NOW + 60_000, timing);
    expect(closing).toEqual({ kind: 'wait', windows: { ...standing({ group: undefined }), version: 8 } });
  });

  it('that is not over is looked at again, by one message at a time', () => {
    const quiet = window({ until: NOW + 2_000_000, held });
    const closing = closingOf(standing({ quiet }), 'w1', NOW, timing);
    const waiting = { ...quiet, lookAt: NOW + 895_000 };
    expect(closing).toMatchObject({ kind: 'wait', windows: { version: 8, quiet: waiting } });
    expect(closing).toMatchObject({ look: { id: 'w1', afterMs: 900_000 } });
    expect(closingOf(standing({ quiet: waiting }), 'w1', NOW + 894_999, timing)).toEqual({ kind: 'gone' });
    const last = closingOf(standing({ quiet: waiting }), 'w1', NOW + 1_900_000, timing);
    expect(last).toMatchObject({ kind: 'wait', look: { afterMs: 101_000 } });
  });

  it('that is gone asks for nothing', () => {
    expect(closingOf(standing({ group: window() }), 'w0', NOW, timing)).toEqual({ kind: 'gone' });
    expect(closingOf(standing({ leaving: leaving() }), 'w0', NOW, timing)).toEqual({ kind: 'gone' });
  });

  it('is left to whoever tells it, until he must be gone', () => {
    const windows = standing({ leaving: leaving() });
    expect(closingOf(windows, 'w1', NOW - 1, timing)).toEqual({ kind: 'gone' });
    const again = closingOf(windows, 'w1', NOW, timing);
    expect(again).toMatchObject({ kind: 'tell', leaving: { id: 'w1', claimedUntil: NOW + 20_000 } });
  });

  it('waits until the one before it has been told, and has that told if nobody does', () => {
    const windows = standing({ leaving: leaving({ id: 'w0' }), group: window({ held }) });
    expect(closingOf(windows, 'w1', NOW - 1, timing)).toEqual({ kind: 'busy' });
    expect(closingOf(windows, 'w1', NOW, timing)).toMatchObject({ kind: 'tell', leaving: { id: 'w0' } });
  });

  it('that is tried again and again has one message on its way that looks at it later', () => {
    const closing = closingOf(standing({ leaving: leaving({ lookAt: NOW + 1 }) }), 'w1', NOW, timing);
    expect(closing.kind === 'tell' && closing.look).toBe(undefined);
    expect(closing).toMatchObject({ leaving: { lookAt: NOW + 1 } });
  });

  it('is forgotten once it was told, but for its keys and how many they were', () => {
    const recent = Array.from({ length: 3 * mostInGroup }, (_, at) => `old${at}`);
    const after = groupTold(standing({ leaving: leaving(), recent, groups: 2, alerts: 9 }), 'w1');
    expect(after).toEqual({
      ...standing({ groups: 3, alerts: 10, recent: [...recent.slice(1), 'b'], leaving: undefined }),
      version: 8,
    });
    expect(groupTold(standing({ leaving: leaving() }), 'w0')).toBe(undefined);
    expect(groupTold(standing({}), 'w0')).toBe(undefined);
  });
});

describe('the key of a group', () => {
  it('differs between places', () => {
    const ids = [
      groupIdOf({ tenant: 'a', project: 'p' }, 'w1'),
      groupIdOf({ tenant: 'b', project: 'p' }, 'w1'),
      groupIdOf({ tenant: 'a', project: null }, 'w1'),
    ];
    expect(new Set(ids).size).toBe(3);
  });
});
