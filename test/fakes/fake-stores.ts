// The stores in memory, for sweeps too long for the embedded engine. store-contract.ts holds them against the real ones.
import type { CountedShard, Target } from '../../lambdas/contract/messages.ts';
import { type GroupPlace, noWindows, type Windows } from '../../lambdas/core/alerts/group.ts';
import { mostInGroup } from '../../lambdas/core/alerts/group-notice.ts';
import type { Drift } from '../../lambdas/core/discovery/drift.ts';
import { noStorms, type Storms } from '../../lambdas/core/health/storm.ts';
import { ASKED, type AuditRecord } from '../../lambdas/core/model/audit.ts';
import { type FleetControl, freshFleet } from '../../lambdas/core/model/fleet.ts';
import { type Registration, toService } from '../../lambdas/core/model/service.ts';
import type { State } from '../../lambdas/core/model/state.ts';
import { endsRestart, type TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import type { Roll } from '../../lambdas/core/numbers/roll.ts';
import type { HourEntries } from '../../lambdas/core/numbers/roll-hour.ts';
import type { Progress } from '../../lambdas/core/numbers/window.ts';
import { noSlots, type Slots, withoutSlots, withSlot } from '../../lambdas/core/restart/restart-slots.ts';
import type { PackedRow } from '../../lambdas/core/rounds/packed-row.ts';
import { expecting } from '../../lambdas/core/rounds/shard-count.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import type { Place } from '../../lambdas/core/values/place.ts';
import type { AlertWindows } from '../../lambdas/ports/alerts.ts';
import type { DriftStore } from '../../lambdas/ports/discovery.ts';
import type { FleetStore, StormStore } from '../../lambdas/ports/fleet-store.ts';
import type { RollupStore } from '../../lambdas/ports/rollup-store.ts';
import type { ServiceKey, ServiceStore, Stored, TargetIndex } from '../../lambdas/ports/service-store.ts';
import type { AuditLog, ResultStore, Timeline } from '../../lambdas/ports/timeline.ts';

export type Stores = Readonly<{
  services: ServiceStore;
  fleet: FleetStore;
  results: ResultStore;
  timeline: Timeline;
  rollups: RollupStore;
  targets: TargetIndex;
  audit: AuditLog;
  drift: DriftStore;
  storms: StormStore;
  windows: AlertWindows;
}>;
type Item = { document: Registration; state: State; version: number; registeredAt: number; heartbeatAt?: number };

const nameOf = ({ tenant, id }: ServiceKey) => `${tenant}#${id}`;

export function fakeStores(shards: number): Stores {
  const storms = fakeStorms();
  return { ...storesBeside(shards), storms, fleet: fakeFleet(storms) };
}

const storesBeside = (shards: number): Omit<Stores, 'fleet' | 'storms'> => ({
  services: fakeServices(shards),
  results: fakeResults(),
  timeline: fakeTimeline(),
  rollups: fakeRollups(),
  targets: fakeTargets(),
  audit: fakeAudit(),
  drift: fakeDrift(),
  windows: fakeWindows(),
});

function fakeServices(shards: number): ServiceStore {
  const items = new Map<string, Item>();
  const stored = (item: Item): Stored => structuredClone({ ...item, service: toService(item.document) });
  return {
    readShard: async (shard) => ({
      services: [...items.values()]
        .filter(({ document }) => shardOf(document.tenant, document.id, shards) === shard)
        .map(stored),
      faults: 0,
    }),
    read: async (key) => {
      const item = items.get(nameOf(key));
      return item && stored(item);
    },
    saveState: async ({ service, version }, state) => {
      const item = items.get(nameOf(service));
      if (item?.version !== version) return false;
      Object.assign(item, { state: structuredClone(state), version: version + 1 });
      return true;
    },
    register: async (document, state, registeredAt) => {
      const item = items.get(nameOf(document));
      const before = item?.document;
      if (item) Object.assign(item, { document, version: item.version + 1 });
      else items.set(nameOf(document), { document, state, version: 0, registeredAt });
      return { outcome: item ? 'replaced' : 'created', before };
    },
    remove: async (key) => {
      const item = items.get(nameOf(key));
      return { isRemoved: items.delete(nameOf(key)), before: item?.document, state: item?.state };
    },
    heartbeat: async (key, heartbeatAt) => {
      const item = items.get(nameOf(key));
      if (item) item.heartbeatAt = heartbeatAt;
      return item !== undefined;
    },
  };
}

function fakeTargets(): TargetIndex {
  const pointers = new Map<string, Map<string, ServiceKey>>();
  const of = (target: Target) => pointers.get(target) ?? new Map<string, ServiceKey>();
  return {
    point: async ({ tenant, id }, targets) => {
      for (const target of targets) pointers.set(target, of(target).set(nameOf({ tenant, id }), { tenant, id }));
    },
    unpoint: async (key, targets) => targets.forEach((target) => of(target).delete(nameOf(key))),
    services: async (target) => [...of(target).values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
  };
}

function fakeWindows(): AlertWindows {
  const items = new Map<string, { place: GroupPlace; windows: Windows }>();
  const nameOf = ({ tenant, project }: GroupPlace) => `${tenant}#${project ?? ''}`;
  const at = (place: GroupPlace) => items.get(nameOf(place))?.windows ?? noWindows;
  const put = ({ tenant, project }: GroupPlace, windows: Windows) =>
    void items.set(nameOf({ tenant, project }), { place: { tenant, project }, windows: structuredClone(windows) });
  return {
    read: async (place) => structuredClone(at(place)),
    save: async (place, windows) => {
      if (windows.version !== at(place).version + 1) return false;
      put(place, windows);
      return true;
    },
    add: async (place, { kind, windowId, key, document }) => {
      const windows = at(place);
      const window = windows[kind];
      if (window?.id !== windowId) return false;
      if (window.held[key] === undefined && Object.keys(window.held).length >= mostInGroup) return false;
      const held = { ...window.held, [key]: document };
      put(place, { ...windows, version: windows.version + 1, [kind]: { ...window, held } });
      return true;
    },
    all: async () => structuredClone([...items.values()]),
  };
}

function fakeStorms(): StormStore {
  let standing: Storms = noStorms;
  return {
    read: async () => standing,
    save: async (storms) => {
      if (storms.version !== standing.version + 1) return false;
      standing = structuredClone(storms);
      return true;
    },
  };
}

function fakeFleet(storms: StormStore): FleetStore {
  let control: FleetControl = freshFleet;
  let slots: Slots = noSlots;
  const counts = new Map<number, CountedShard>();
  const write = (count: Omit<CountedShard, 'version'>, version = 0) =>
    void counts.set(count.shard, { ...count, version: version + 1 });
  const sorted = () => [...counts.values()].sort((a, b) => a.shard - b.shard);
  return {
    control: async () => control,
    saveControl: async (next) => void (control = next),
    counts: async () => sorted(),
    count: async (shard) => counts.get(shard),
    overview: async (signal) => ({ counts: sorted(), storms: await storms.read(signal), slots }),
    slots: async () => slots,
    takeSlot: async (slot, most, now) => {
      const next = withSlot(slots, slot, most, now);
      slots = next ?? slots;
      return next !== undefined;
    },
    freeSlots: async (restartIds) => void (slots = withoutSlots(slots, restartIds)),
    expectService: async (shard, intervalSeconds, _signal, network = 'public') => {
      const known = counts.get(shard);
      write(expecting(known, shard, intervalSeconds, network), known?.version);
    },
    correctCount: async (known, found) => {
      if (counts.get(known.shard)?.version === known.version) write(found, known.version);
    },
  };
}

function fakeResults(): ResultStore {
  const rows = new Map<string, PackedRow>();
  return {
    saveRow: async (row) => void rows.set(`${row.shard}#${row.network}#${row.beat}`, row),
    rows: async ({ shard, network, from = 0, before = Infinity, limit }) =>
      [...rows.values()]
        .filter((row) => row.shard === shard && row.network === network && row.beat >= from && row.beat < before)
        .sort((a, b) => b.beat - a.beat)
        .slice(0, limit),
  };
}

/** Newest first, those of one moment by their ids, up to and without the place. */
function newestOf<T>(
  entries: readonly T[],
  placeOf: (entry: T) => Required<Place>,
  limit: number,
  before?: Place,
): T[] {
  const isBehind = (place: Required<Place>) =>
    !before || place.at < before.at || (place.at === before.at && before.id !== undefined && place.id < before.id);
  return entries
    .filter((entry) => isBehind(placeOf(entry)))
    .map((entry) => ({ entry, place: placeOf(entry) }))
    .sort(({ place: a }, { place: b }) => b.at - a.at || (b.id > a.id ? 1 : -1))
    .slice(0, limit)
    .map(({ entry }) => structuredClone(entry));
}

function fakeDrift(): DriftStore {
  let standing: Drift | undefined;
  return {
    read: async () => structuredClone(standing),
    save: async (drift) => {
      if (!standing || standing.at <= drift.at) standing = structuredClone(drift);
    },
  };
}

function fakeTimeline(): Timeline {
  const records = new Map<string, TimelineRecord>();
  const of = ({ tenant, id }: ServiceKey) =>
    [...records.values()].filter((record) => record.tenant === tenant && record.id === id);
  const placeOf = ({ at, intentId }: TimelineRecord) => ({ at, id: intentId });
  return {
    append: async (record) =>
      void records.set(`${nameOf(record)}#${record.at}#${record.intentId}`, structuredClone(record)),
    events: async (key, { limit, before, from = 0 }) =>
      newestOf(
        of(key).filter(({ at }) => at >= from),
        placeOf,
        limit,
        before,
      ),
    fleetDay: async ({ day, from, before, limit }) =>
      newestOf(
        [...records.values()].filter(({ at }) => at >= from && Math.floor(at / 86_400_000) === day / 86_400_000),
        ({ at, tenant, id, intentId }) => ({ at, id: `${tenant}:${id}:${intentId}` }),
        limit,
        before,
      ),
    fleetBetween: async ({ from, before }) =>
      newestOf(
        [...records.values()].filter(({ at }) => at >= from && at < before),
        ({ at, tenant, id, intentId }) => ({ at, id: `${tenant}:${id}:${intentId}` }),
        Infinity,
      ).reverse(),
    restarts: async (key, { limit }) => newestOf(of(key).filter(endsRestart), placeOf, limit),
  };
}

function fakeRollups(): RollupStore {
  let standing: Progress | undefined;
  const shards = new Map<string, { shard: number; hour: number; entries: HourEntries }>();
  const rolls = new Map<string, { subject: string; at: number; roll: Roll }>();
  return {
    progress: async () => standing,
    advance: async (next) => {
      if (!standing || (standing.hours <= next.hours && standing.days <= next.days)) standing = next;
    },
    saveHour: async (shard, hour, entries) =>
      void shards.set(`${shard}#${hour}`, structuredClone({ shard, hour, entries })),
    hours: async (shard, { from, before }, _signal, only) =>
      [...shards.values()]
        .filter((one) => one.shard === shard && one.hour >= from && one.hour < before)
        .sort((one, other) => one.hour - other.hour)
        .map(({ hour, entries }) => ({
          hour,
          entries: Object.fromEntries(Object.entries(entries).filter(([name]) => only === undefined || name === only)),
        }))
        .filter(({ entries }) => Object.keys(entries).length > 0),
    save: async (subject, unit, at, roll) => {
      const name = JSON.stringify([subject, unit]);
      rolls.set(`${name}#${at}`, structuredClone({ subject: name, at, roll }));
    },
    rolls: async (subject, unit, { from, before }) =>
      [...rolls.values()]
        .filter((one) => one.subject === JSON.stringify([subject, unit]) && one.at >= from && one.at < before)
        .sort((one, other) => one.at - other.at)
        .map(({ roll }) => roll),
  };
}

function fakeAudit(): AuditLog {
  const entries = new Map<string, AuditRecord>();
  const subjectOf = ({ tenant = '', id = '' }: Partial<ServiceKey>) => nameOf({ tenant, id });
  return {
    write: async (entry) => {
      const name = `${subjectOf(entry)}#${entry.at}#${entry.entryId}`;
      if (entry.outcome !== ASKED || !entries.has(name)) entries.set(name, withoutUndefined(entry));
    },
    entries: async (subject = { tenant: '', id: '' }, { limit, before }) => {
      const mine = [...entries.values()].filter((entry) => subjectOf(entry) === subjectOf(subject));
      return newestOf(mine, ({ at, entryId }) => ({ at, id: entryId }), limit, before);
    },
  };
}

/** As the table gives it back. */
const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
