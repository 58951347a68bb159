// What the event bus gets of alerts and of state changes: documents of the published schemas, bounded, without secrets.
import { readFileSync } from 'node:fs';

import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { documentKinds } from '../../../lambdas/core/alerts/document.ts';
import { documentOf } from '../../../lambdas/core/alerts/notice.ts';
import { alertEntry, type BusEntry, changeEntry } from '../../../lambdas/core/bus/entries.ts';
import { stateChangeSchema } from '../../../lambdas/core/bus/state-change.ts';
import { stateChangeJsonSchema } from '../../../lambdas/core/bus/state-change-schema.ts';
import type { Service } from '../../../lambdas/core/model/service.ts';
import { billing, makeAlert, notices } from '../../make/alerts.ts';
import type { Recorded } from '../../make/bus.ts';
import { live, moves, services } from '../../make/history.ts';
import { makeService } from '../../make/service.ts';
import { T0 } from '../../make/state.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../docs/schema/state-change.v1.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv({ allErrors: true }).compile(published);

const recorded: Recorded = {
  ...{ id: 'i000007', at: T0, handedAt: T0, kind: 'record' },
  record: { kind: 'unhealthy', level: 'error', message: 'no answer, token=c2VjcmV0LXRva2VuLXZhbHVl', action: 'none' },
  change: {
    ...{ from: 'healthy', to: 'unhealthy', incidentId: 'inc-1' },
    restart: { id: 'rst-1', status: 'preparing', mode: 'restart', trigger: 'automatic' },
  },
};
const detailOf = (entry: BusEntry | undefined) => JSON.parse(entry?.detail ?? '{}') as Record<string, unknown>;

describe('the entry of a state change', () => {
  it('says of what, from where to where, in which incident, and how its restart stands', () => {
    const entry = changeEntry(billing, recorded);
    expect(entry).toMatchObject({ type: 'Lamplighter State Change', at: T0 });
    expect(detailOf(entry)).toEqual({
      version: 1,
      deduplicationKey: entry?.key,
      at: new Date(T0).toISOString(),
      service: detailOf(alertEntry(documentOf(billing, makeAlert({}))))['service'],
      ...recorded.change,
      ...{ kind: 'unhealthy', level: 'error', message: 'no answer, token=***' },
    });
  });

  it('says so where there is no incident and no restart', () => {
    const entry = changeEntry(billing, { ...recorded, change: { from: 'pending', to: 'healthy' } });
    expect(detailOf(entry)).toMatchObject({ incidentId: null, restart: null });
  });

  it('bears a key of its own, also where a service was registered anew', () => {
    const keys = [
      changeEntry(billing, recorded),
      changeEntry(billing, { ...recorded, id: 'i000008' }),
      changeEntry(billing, { ...recorded, at: T0 + 1 }),
      changeEntry({ ...billing, tenant: 'acme' }, recorded),
    ].map((entry) => entry?.key);
    expect(new Set(keys).size).toBe(4);
    expect(changeEntry(billing, { ...recorded, handedAt: T0 + 5 })?.key).toBe(keys[0]);
  });

  it('is none for a line that tells of no change', () => {
    expect(changeEntry(billing, { ...recorded, change: undefined })).toBeUndefined();
  });

  it('is a document of the published schema, whatever happens', () => {
    fc.assert(
      fc.property(services, moves, (service, history) => {
        for (const { step } of live(service, history))
          for (const intent of step.intents) {
            const entry = intent.kind === 'record' ? changeEntry(service, intent) : undefined;
            if (!entry) continue;
            expect(validate(detailOf(entry)), JSON.stringify(validate.errors)).toBe(true);
            expect(stateChangeSchema.parse(detailOf(entry))).toEqual(detailOf(entry));
          }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the published schema of state changes', () => {
  it('is the one that the documents are built by', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(stateChangeJsonSchema())));
  });

  it('refuses a document of another version, and one without its time; takes what is added later', () => {
    const document = detailOf(changeEntry(billing, recorded));
    expect(validate({ ...document, version: 2 })).toBe(false);
    expect(validate({ ...document, at: undefined })).toBe(false);
    expect(validate({ ...document, addedLater: true })).toBe(true);
  });
});

describe('the entry of an alert', () => {
  it.each(documentKinds)('is its document, as the topic has it: %s', (kind) => {
    const document = JSON.parse(notices[kind].json) as Parameters<typeof alertEntry>[0];
    const entry = alertEntry(document);
    expect(entry).toMatchObject({ type: 'Lamplighter Alert', detail: notices[kind].json });
    expect(entry.key).toBe(document.deduplicationKey);
    expect(entry.at).toBe(Date.parse(document.at ?? document.detectedAt));
  });
});

it('is taken by EventBridge however large a registration is', () => {
  const wide = '\u{1f525}'.repeat(10_000);
  const tags = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`${index}`.padEnd(128, 'é'), '…'.repeat(256)]),
  );
  const dependsOn = Array.from({ length: 50 }, (_, index) => ({
    service: `s${index}`.padEnd(64, 'x'),
    essential: true,
  }));
  const service: Service = { ...makeService(), name: wide, project: wide, tags, dependsOn };
  const tried = Array.from({ length: 10 }, () => ({ what: wide, outcome: wide, at: T0 }));
  const alert = makeAlert({ message: wide, seen: wide, held: wide, evidence: wide, tried });
  const entries = [
    alertEntry(documentOf(service, alert)),
    changeEntry(service, { ...recorded, record: { ...recorded.record, message: wide } }),
  ];
  for (const entry of entries) expect(Buffer.byteLength(entry?.detail ?? '')).toBeLessThan(200_000);
});
