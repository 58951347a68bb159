// JSON that nobody but us reads, pressed: roll-ups are a tenth of their text.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export const packJson = (value: unknown): Uint8Array => deflateRawSync(JSON.stringify(value));

/** What was packed; for a schema to decode. */
export const unpackJson = (bytes: Uint8Array): unknown => JSON.parse(inflateRawSync(bytes).toString('utf8'));
