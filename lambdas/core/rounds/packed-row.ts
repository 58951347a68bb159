// The one row that a shard writes per beat: every verdict and latency of its services in nine bytes each. "Last
// checked" and "last good answer" of a steady service are read from here, so that it needs no write of its own.
import type { Network } from '../../contract/networks.ts';
import { type Cause, causes, type Verdict, verdicts } from '../model/observation.ts';
import { hash48 } from '../values/hash.ts';

export type PackedResult = Readonly<{
  tenant: string;
  id: string;
  verdict: Verdict;
  cause: Cause;
  latencyMs?: number | undefined;
}>;

export type PackedRow = Readonly<{
  shard: number;
  /** The network of the prober that wrote it; it holds only the services of that network. */
  network: Network;
  /** Epoch ms. */
  beat: number;
  /** When the pack began and ended; the distance to `beat` is the lateness. */
  startedAt: number;
  finishedAt: number;
  /** How many services were due, and how many were given a verdict. */
  due: number;
  checked: number;
  results: Uint8Array;
}>;

const ENTRY_BYTES = 9;
const KEY_BYTES = 6;
const NO_LATENCY = 0xffff;
/** 48 bits of the name's hash: in one of two million fleets of 15,000 services, two services share a key. */
export const keyOf = (tenant: string, id: string): number => hash48(`${tenant}#${id}`);

/** Six bytes of key, one of verdict (2 bits) and cause (6 bits), two of latency in ms (65,534 at most). */
export function packResults(results: readonly PackedResult[]): Uint8Array {
  const bytes = new Uint8Array(results.length * ENTRY_BYTES);
  results.forEach(({ tenant, id, verdict, cause, latencyMs }, index) => {
    const offset = index * ENTRY_BYTES;
    const latency = latencyMs === undefined ? NO_LATENCY : Math.min(NO_LATENCY - 1, Math.max(0, Math.round(latencyMs)));
    putNumber(bytes, offset, KEY_BYTES, keyOf(tenant, id));
    bytes[offset + KEY_BYTES] = (verdicts.indexOf(verdict) << 6) | causes.indexOf(cause);
    putNumber(bytes, offset + 7, 2, latency);
  });
  return bytes;
}

/** Most significant byte first. A view of the few bytes of a usual row costs more than to fill them. */
function putNumber(bytes: Uint8Array, offset: number, length: number, value: number): void {
  let left = value;
  for (let at = offset + length - 1; at >= offset; at -= 1) {
    const rest = Math.floor(left / 256);
    bytes[at] = left - rest * 256;
    left = rest;
  }
}

/** The name for a code; `otherwise` for a code that a newer version wrote. */
const named = <T>(names: readonly T[], code: number, otherwise: T): T => names[code] ?? otherwise;

type Result = Omit<PackedResult, 'tenant' | 'id'>;

/** What a row says of one service; `undefined` when it was not checked at that beat. */
export const resultOf = (row: PackedRow, tenant: string, id: string): Result | undefined =>
  find(row, keyOf(tenant, id));

/** What rows say of one service, with their beats, in their order: for whoever reads many of them. */
export function resultsOf(rows: readonly PackedRow[], tenant: string, id: string): (Result & { beat: number })[] {
  const wanted = keyOf(tenant, id);
  return rows.flatMap((row) => {
    const result = find(row, wanted);
    return result ? [{ beat: row.beat, ...result }] : [];
  });
}

function find(row: PackedRow, wanted: number): Result | undefined {
  const view = viewOf(row);
  for (let offset = 0; offset + ENTRY_BYTES <= view.byteLength; offset += ENTRY_BYTES)
    if (keyAt(view, offset) === wanted) return resultAt(view, offset);
  return undefined;
}

/** All that a row says, by the keys of its services. */
export function everyResult(row: PackedRow): (Result & { key: number })[] {
  const view = viewOf(row);
  return Array.from({ length: Math.floor(view.byteLength / ENTRY_BYTES) }, (_, index) => ({
    key: keyAt(view, index * ENTRY_BYTES),
    ...resultAt(view, index * ENTRY_BYTES),
  }));
}

const viewOf = ({ results }: PackedRow) => new DataView(results.buffer, results.byteOffset, results.byteLength);
const keyAt = (view: DataView, offset: number) => view.getUint16(offset) * 2 ** 32 + view.getUint32(offset + 2);

function resultAt(view: DataView, offset: number): Result {
  const both = view.getUint8(offset + KEY_BYTES);
  const latency = view.getUint16(offset + 7);
  return {
    verdict: named(verdicts, both >> 6, 'unknown'),
    cause: named(causes, both & 0x3f, 'own_trouble'),
    latencyMs: latency === NO_LATENCY ? undefined : latency,
  };
}
