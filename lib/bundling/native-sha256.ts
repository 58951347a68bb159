// A bundler plugin: the SDK contains a SHA-256 for a Node.js without crypto. Lambda's Node.js has crypto, so three
// kilobytes of each function would never run.
import type { Plugin } from 'esbuild';

export const nativeSha256: Plugin = {
  name: 'native-sha256',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]Sha256Js\.js$/ }, () => ({
      contents: 'export const Sha256Js = undefined;',
    }));
  },
};
