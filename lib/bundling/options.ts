// How functions are bundled, for the stack and for the size check alike: one ESM file, the SDK included, so that what
// was tested is what runs. docs/adr/005-bundles.md says why something is left out.
import { fileURLToPath } from 'node:url';

const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export const bundling = {
  format: 'esm',
  target: 'node24',
  minify: true,
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': beside('lambda-credentials.ts'),
    '@aws-sdk/endpoint-cache': beside('no-endpoint-cache.ts'),
    '@smithy/core/event-streams': beside('no-event-streams.ts'),
  },
  // CommonJS parts of the SDK call require; the alias keeps clear of a createRequire that is bundled.
  banner: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
} as const;
