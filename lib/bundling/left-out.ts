// A bundler plugin: files of the SDK that a function never runs. Its region is in its environment, so the metadata of an
// instance are not asked for it, and cannot be dialled either; retries are of the standard mode, which has no rate limiter.
import type { Plugin } from 'esbuild';

const instead = {
  getInstanceMetadataRegion: 'export const getInstanceMetadataRegion = async () => undefined;',
  DefaultRateLimiter:
    'export class DefaultRateLimiter{constructor(){throw Error("adaptive retries are left out of the bundle")}}',
};

export const leftOut: Plugin = {
  name: 'left-out',
  setup({ onLoad }) {
    for (const [name, contents] of Object.entries(instead))
      onLoad({ filter: new RegExp(`[\\\\/]@smithy[\\\\/]core[\\\\/].*[\\\\/]${name}\\.js$`) }, () => ({ contents }));
  },
};
