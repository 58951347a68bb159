// An esbuild plugin that removes from a bundle the parts of an SDK client that its function never uses. Two things
// would keep them in: a class registered for every error of the service (160 in SSM), and keys computed from constants,
// which a bundler may not drop because computing a key could have an effect.
import { readFile } from 'node:fs/promises';

import type { Plugin } from 'esbuild';

/** The lines that register one error of a service; the client's base exception (`_s_registry`) stays. */
const REGISTRATION = /^n\d+_registry\.registerError\(\w+\$, \w+\);$/gm;
const CONSTANT = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;

/**
 * An error that is not registered arrives as the client's base exception with the same name, message and status;
 * Lamplighter tells errors apart by name only. A key means the same when it is written out.
 */
export const leanSchemas: Plugin = {
  name: 'lean-schemas',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: lean(await readFile(path, 'utf8')),
    }));
  },
};

function lean(source: string): string {
  const values = new Map([...source.matchAll(CONSTANT)].map(([, name, value]) => [name, value]));
  return source
    .replace(REGISTRATION, '')
    .replace(COMPUTED_KEY, (key, name: string) => (values.has(name) ? `${values.get(name)}:` : key));
}
