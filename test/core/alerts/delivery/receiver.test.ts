import { describe, expect, it } from 'vitest';

import { parseReceiver } from '../../../../lambdas/core/alerts/delivery/receiver.ts';

const chat = { name: 'chat', format: 'slack', secret: 'lamplighter/alerts/chat' } as const;
const hook = { ...chat, format: 'webhook' } as const;
const url = 'https://hooks.example.com/services/T0/B0/s3cret?key=s3cret';

describe('the secret of a receiver', () => {
  it('may be the URL alone where nothing is signed', () => {
    expect(parseReceiver(` ${url}\n`, chat)).toEqual({ kind: 'usable', address: { url, keys: [] } });
  });

  it('may hold keys beside the URL', () => {
    const text = JSON.stringify({ url, keys: ['SEC1'] });
    expect(parseReceiver(text, { ...chat, format: 'dingtalk' })).toEqual({
      kind: 'usable',
      address: { url, keys: ['SEC1'] },
    });
  });

  it.each([
    ['nothing', chat, ''],
    ['no URL', chat, 's3cret'],
    ['JSON that is none', chat, '{"url": "https://s3cret'],
    ['no url in it', chat, '{"address": "https://s3cret.example.com"}'],
    ['an empty key', chat, JSON.stringify({ url, keys: [''] })],
    ['a URL without TLS', chat, 'http://hooks.example.com/s3cret'],
    ['this machine, where it is not local', chat, 'http://127.0.0.1:9001/s3cret'],
    ['another machine without TLS, where it is local', { ...chat, isLocal: true }, 'http://10.0.0.1/s3cret'],
    ['another protocol', { ...chat, isLocal: true }, 'ftp://127.0.0.1/s3cret'],
    ['a password in the URL', chat, 'https://user:s3cret@hooks.example.com/'],
    ['a user in the URL', chat, 'https://s3cret@hooks.example.com/'],
    ['a password alone', chat, 'https://:s3cret@hooks.example.com/'],
    ['a webhook without a key', hook, url],
  ])('is wrong with %s, and is not told', (_what, receiver, text) => {
    const parsed = parseReceiver(text, receiver);
    expect(parsed).toMatchObject({ kind: 'wrong', why: expect.stringMatching(/^(it|its|a) /) });
    expect(JSON.stringify(parsed)).not.toContain('s3cret');
  });

  it.each(['http://127.0.0.1:9000/a', 'http://[::1]:9000/a', 'http://localhost:9000/a'])(
    'may lead to this machine without TLS in one-machine mode: %s',
    (address) => {
      expect(parseReceiver(address, { ...chat, isLocal: true })).toMatchObject({ address: { url: address } });
    },
  );
});
