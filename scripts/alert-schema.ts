// Writes docs/schema/alert.v1.json, the schema of the document that machines get of an alert: `node scripts/alert-schema.ts`.
// A test holds the file against the code.
import { mkdirSync, writeFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

import { alertSchema } from '../lambdas/core/alerts/alert-schema.ts';

const file = 'docs/schema/alert.v1.json';
mkdirSync('docs/schema', { recursive: true });
const text = JSON.stringify(alertSchema(), null, 2);
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
console.log(`${file} is written`);
