// Compressed JSON that only Lamplighter reads: roll-ups shrink to a tenth of their text.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export const packJson = (value: unknown): Uint8Array => deflateRawSync(JSON.stringify(value));

/** The value that was packed; a schema has to decode it. */
export const unpackJson = (bytes: Uint8Array): unknown => JSON.parse(inflateRawSync(bytes).toString('utf8'));
