// Writes docs/schema: the documents that machines get for an alert and for a state change: `node scripts/schemas.ts`. A
// test compares the files with the code.
import { mkdirSync, writeFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

import { alertSchema } from '../lambdas/core/alerts/alert-schema.ts';
import { stateChangeJsonSchema } from '../lambdas/core/bus/state-change-schema.ts';

const schemas = { 'alert.v1.json': alertSchema(), 'state-change.v1.json': stateChangeJsonSchema() };

mkdirSync('docs/schema', { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  const file = `docs/schema/${name}`;
  const text = JSON.stringify(schema, null, 2);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  console.log(`${file} is written`);
}
