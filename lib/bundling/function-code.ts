// The code of a function as an asset: bundled on this machine, without Docker, and named by its content, so that the
// same source makes the same template.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/**
 * Bundles `lambdas/<name>/handler.ts`; the handler is `index.handler`. Throws esbuild's own message if bundling fails.
 */
export function functionCode(name: string): Code {
  const folder = fileURLToPath(new URL(`../../lambdas/${name}`, import.meta.url));
  return Code.fromAsset(folder, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: bundling on this machine either works or fails with its reason.
      image: DockerImage.fromRegistry('no-image-is-needed'),
      local: {
        tryBundle(outputDirectory: string): true {
          const made = spawnSync(
            process.execPath,
            [main, join(folder, 'handler.ts'), join(outputDirectory, 'index.mjs')],
            {
              encoding: 'utf8',
            },
          );
          if (made.status !== 0) throw new Error(`${name} cannot be bundled:\n${made.stderr || String(made.error)}`);
          return true;
        },
      },
    },
  });
}
