// Bundles as they are deployed: run in a process of their own, against an endpoint that answers as SSM does.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bundle } from '../../../lib/bundling/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'lamplighter-bundle-'));
const outfile = join(folder, 'index.mjs');
const signatures: (string | undefined)[] = [];
const server = createServer((request, response) => {
  signatures.push(request.headers.authorization);
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ __type: 'InvocationDoesNotExist', message: 'no such command' }));
});
let bytes = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bytes = await bundle(new URL('../../fixtures/ask-ssm.ts', import.meta.url).pathname, outfile);
}, 60_000);
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a bundle', () => {
  it('tells an error of AWS by its name, message and status although its class is left out', async () => {
    const { port } = server.address() as AddressInfo;
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], {
      env: {
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      },
    });
    expect(JSON.parse(stdout)).toEqual({ name: 'InvocationDoesNotExist', message: 'no such command', status: 400 });
    expect(signatures, 'signed, with Node.js’s own SHA-256').toEqual([
      expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=id\/.*Signature=[0-9a-f]{64}$/),
    ]);
  });

  it('holds no class for the errors of AWS, and is as large as it says', () => {
    const code = readFileSync(outfile, 'utf8');
    // Every such class calls itself a fault of the client or of the server.
    expect(code.match(/\$fault:"(client|server)"/g) ?? []).toEqual([]);
    // What every SHA-256 in JavaScript begins with.
    expect(code.match(/1779033703/g) ?? []).toEqual([]);
    expect(Buffer.byteLength(code)).toBe(bytes);
    expect(bytes).toBeLessThan(250_000);
  });
});
