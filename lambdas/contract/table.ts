// The keys of the one table. All code that reads or writes an item takes its key from here.
import type { Network } from './networks.ts';

/** How many partitions the fleet is spread over unless a deployment says otherwise; fixed for its life. */
export const DEFAULT_SHARDS = 16;

const twoDigits = (n: number) => String(n).padStart(2, '0');
/** Epoch milliseconds as a fixed-width number, so that keys sort by time until the year 2286. */
const sortable = (epochMs: number) => String(epochMs).padStart(13, '0');
/** The place of an entry in a history; without an id, that which stands before every entry of the moment. */
const place = (at: number, id?: string) => (id === undefined ? sortable(at) : `${sortable(at)}#${id}`);

export const keys = {
  shard: (shard: number) => `SHARD#${twoDigits(shard)}`,
  service: (tenant: string, id: string) => `${tenant}#${id}`,
  target: (target: string) => `TARGET#${target}`,
  fleet: 'FLEET',
  control: 'CONTROL',
  drift: 'DRIFT',
  /** Behind the shards, so that one query reads them together. */
  slots: 'SLOTS',
  storm: 'STORM',
  /** Text messages, an item for each UTC month. */
  sms: 'SMS',
  month: (at: number) => new Date(at).toISOString().slice(0, 7),
  /** Alerts that wait to be told together, by project. */
  windows: 'WINDOWS',
  window: (tenant: string, project: string | null) => `${tenant}#${project ?? ''}`,
  timeline: (tenant: string, id: string) => `SERVICE#${tenant}#${id}`,
  /** `intentId` makes writing the same record twice write one item. */
  event: (at: number, intentId?: string) => `EVENT#${place(at, intentId)}`,
  eventPrefix: 'EVENT#',
  /** The whole fleet's records of the UTC day that `at` lies in; each stands here a second time. */
  fleetTimeline: (at: number) => `TIMELINE#${new Date(at).toISOString().slice(0, 10)}`,
  /** `id` names tenant, service and intent: a record that is written twice is one item here too. */
  fleetEvent: (at: number, id?: string) => place(at, id),
  restart: (at: number, intentId: string) => `RESTART#${sortable(at)}#${intentId}`,
  restartPrefix: 'RESTART#',
  /** Requests for one service, also when it is gone. */
  audit: (tenant: string, id: string) => `AUDIT#${tenant}#${id}`,
  /** Requests for the whole fleet, and those that named no service. No tenant is called that: they are lower-case. */
  fleetAudit: 'AUDIT#FLEET',
  auditEntry: place,
  /** Each prober writes rows of its own, so that neither is in the way of the other. */
  results: (shard: number, network: Network) =>
    `RESULTS#${twoDigits(shard)}${network === 'public' ? '' : `#${network}`}`,
  beat: (beat: number) => sortable(beat),
  /** How far the roll-ups have come. Every key that the rollup function writes begins alike: its role says so. */
  rollupProgress: 'ROLLUP#PROGRESS',
  /** The hours of a shard, with all its services; in parts, where one item would be too large. */
  rollupHours: (shard: number) => `ROLLUP#HOURS#${twoDigits(shard)}`,
  rollupPart: (hour: number, part: number) => `${sortable(hour)}#${twoDigits(part)}`,
  rollupService: (tenant: string, id: string) => `ROLLUP#SERVICE#${tenant}#${id}`,
  rollupProject: (tenant: string, project: string) => `ROLLUP#PROJECT#${tenant}#${project}`,
  rollupFleet: 'ROLLUP#FLEET',
  rollup: (unit: 'HOUR' | 'DAY', at: number) => `${unit}#${sortable(at)}`,
} as const;

/** The only attributes that saving a state touches: a role limited to these cannot change a registration. */
export const stateAttributes = ['pk', 'sk', 'state', 'version'] as const;
