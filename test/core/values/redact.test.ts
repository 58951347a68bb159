// What looks like a secret goes, what does not stays.
import { describe, expect, it } from 'vitest';

import { redact } from '../../../lambdas/core/values/redact.ts';

describe('redact', () => {
  it.each([
    ['DB_PASSWORD=hunter2 next', 'DB_PASSWORD=*** next'],
    ['password: "two words" next', 'password: *** next'],
    ["passwd='two words' next", 'passwd=*** next'],
    ['{"clientSecret":"abc","port":8080}', '{"clientSecret":***,"port":8080}'],
    ['GITHUB_TOKEN=abc123&x=1', 'GITHUB_TOKEN=***&x=1'],
    ['api_key = abc', 'api_key = ***'],
    ['PWD="unclosed', 'PWD=***'],
    ['mysql --password hunter2 -h db', 'mysql --password *** -h db'],
    ["curl --api-key 'a b' url", 'curl --api-key *** url'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer ***'],
    ['token: Bearer abc.def', 'token: *** ***'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic ***'],
    ['used AKIAIOSFODNN7EXAMPLE today', 'used *** today'],
    ['used ASIAIOSFODNN7EXAMPLE today', 'used *** today'],
    ['postgres://admin:pa:ss@db:5432/x', 'postgres://***@db:5432/x'],
    ['https://ghp_abc@github.com/x', 'https://***@github.com/x'],
    ['got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'got ***'],
    ['a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb', 'a\n***\nb'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE cut off', '***'],
  ])('turns %j into %j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'started: /opt/app/start.sh as process 4711',
    'failed: nothing listens on port 8080 after 60 s',
    'see https://example.com/health?x=1 and mail ops@example.com',
    'basic auth is off; the keyboard is not a key',
    'a bearer',
  ])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('is quick with long text that nearly matches everywhere', () => {
    const long = [
      'password'.repeat(4_000),
      'key" '.repeat(6_000),
      '://'.repeat(10_000),
      '-'.repeat(30_000),
      'eyJ'.repeat(10_000),
    ];
    const begun = performance.now();
    for (const text of long) redact(text);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
