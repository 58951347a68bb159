// A bundler plugin: from an SDK client's package.json only the version is used, for its user agent; the rest is two
// kilobytes of scripts and addresses for each client.
import { readFile } from 'node:fs/promises';

import type { Plugin } from 'esbuild';

export const versionsOnly: Plugin = {
  name: 'versions-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      return { loader: 'json', contents: JSON.stringify({ version }) };
    });
  },
};
