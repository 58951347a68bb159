// An esbuild plugin that leaves the SDK's error classes out of a bundle. A client registers a class for every error its
// service knows (160 in SSM, 40 kB), so none can be shaken off; whoever is not registered arrives as the client's base
// exception with the same name, message and status, and names are all that Lamplighter tells errors apart by.
import { readFile } from 'node:fs/promises';

import type { Plugin } from 'esbuild';

/** The lines that register one error of a service; the client's base exception (`_s_registry`) stays. */
const REGISTRATION = /^n\d+_registry\.registerError\(\w+\$, \w+\);$/gm;

export const unnamedErrors: Plugin = {
  name: 'unnamed-errors',
  setup(build) {
    build.onLoad({ filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(REGISTRATION, ''),
    }));
  },
};
