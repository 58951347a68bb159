// A bundler plugin: the SDK brings a SHA-256 of its own for a Node.js without crypto. Lambda's has it, so three kilobytes of
// each function would never run.
import type { Plugin } from 'esbuild';

export const nativeSha256: Plugin = {
  name: 'native-sha256',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]Sha256Js\.js$/ }, () => ({
      contents: 'export const Sha256Js = undefined;',
    }));
  },
};
