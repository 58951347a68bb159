// How functions are bundled, for the stack and for the size check alike: one ESM file, the SDK included, so that what
// was tested is what runs. docs/adr/005-bundles.md says why some parts are left out.
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { leanSchemas } from './lean-schemas.ts';
import { nativeSha256 } from './native-sha256.ts';
import { versionsOnly } from './versions-only.ts';

const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Bundles from the entry file `entry`; writes to `outfile` if that is given. Returns the size in bytes. */
export async function bundle(entry: string, outfile?: string): Promise<number> {
  const { metafile } = await build({
    entryPoints: [entry],
    ...(outfile !== undefined && { outfile }),
    write: outfile !== undefined,
    metafile: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    mainFields: ['module', 'main'],
    alias: {
      '@aws-sdk/credential-provider-node': beside('lambda-credentials.ts'),
      '@aws-sdk/endpoint-cache': beside('no-endpoint-cache.ts'),
      '@smithy/core/event-streams': beside('no-event-streams.ts'),
    },
    plugins: [leanSchemas, nativeSha256, versionsOnly],
    // CommonJS parts of the SDK call require; the alias avoids a clash with a createRequire that is bundled.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'warning',
  });
  return Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}
