// Whoever may register must not be able to make the prober fetch credentials or reach into the network it runs in.
import { describe, expect, it } from 'vitest';

import { makeDocument } from '../make/service.ts';
import { ask, signal, stores } from './api-bench.ts';

const urls = [
  ...['http://127.0.0.1/', 'http://127.1/', 'http://127.0.0.1./', 'http://2130706433/', 'http://0x7f000001/'],
  ...['http://0x7f.0.0.1/', 'http://0177.0.0.1/', 'http://017700000001/', 'http://0/', 'http://0.0.0.0:8080/'],
  ...['http://%31%32%37.0.0.1/', 'http://１２７.0.0.1/', 'http://127。0。0。1/', 'http://①27.0.0.1/'],
  ...['http://[::1]/', 'http://[::]/', 'http://[0:0:0:0:0:0:0:1]:9001/', 'http://[::127.0.0.1]/'],
  ...['http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[::ffff:a9fe:aa02]/'],
  ...['http://[64:ff9b::7f00:1]/', 'http://[64:ff9b::169.254.169.254]/', 'http://[64:ff9b:1::a9fe:a9fe]/'],
  ...['http://169.254.169.254/latest/meta-data/', 'http://2852039166/', 'http://0xa9fea9fe/', 'http://169.16689662/'],
  ...['http://169.254.170.2/v2/credentials', 'http://169.254.170.23/v1/credentials', 'http://169.254.100.1:9001/'],
  ...['http://[fd00:ec2::254]/latest/meta-data/', 'http://[fd00:ec2::23]/', 'http://[fe80::a9fe:a9fe]/'],
  ...['http://[2002:7f00:1::]/', 'http://[2001:0:7f00:1::]/', 'http://[fc00::1]/', 'http://[ff02::1]/'],
  ...[
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://255.255.255.255/',
  ],
];
const hosts = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0177.0.0.1', '::1', '::ffff:169.254.169.254', '169.254.170.2'],
  ...['fd00:ec2::254', '64:ff9b::a9fe:a9fe', '10.1.2.3', 'fe80::1'],
];

const refused = (path: string) => ({
  status: 400,
  body: {
    error: {
      code: 'INVALID_REQUEST',
      details: [
        {
          path,
          message: expect.stringMatching(
            /is an address that must not be probed \(.+\); use a public one, or allow its range in the deployment's settings$/,
          ),
        },
      ],
    },
  },
});

describe('an address that is not plainly public', () => {
  it.each(urls)('is refused as the URL %s', async (url) => {
    const answer = await ask('POST /services', { body: makeDocument({ probe: { kind: 'http', url } }) });
    expect(answer).toMatchObject(refused('probe.url'));
    expect(await stores.fleet.counts(signal)).toEqual([]);
  });

  it.each(hosts)('is refused as the host %s', async (host) => {
    const asHost = (kind: 'http' | 'tcp' | 'tls') =>
      ask('POST /services', { body: makeDocument({ probe: { kind, host, port: 80 } as never }) });
    for (const kind of ['http', 'tcp', 'tls'] as const) expect(await asHost(kind)).toMatchObject(refused('probe.host'));
  });

  it('is refused for readiness as well', async () => {
    const readiness = { kind: 'http', url: 'http://169.254.169.254/' } as const;
    const answer = await ask('POST /services', { body: makeDocument({ readiness }) });
    expect(answer).toMatchObject(refused('readiness.url'));
  });

  it('is no reason to refuse a public one', async () => {
    for (const url of ['https://1.1.1.1/', 'https://[2606:4700::1111]/', 'https://example.com/'])
      expect(await ask('PUT /services/{id}', { id: 'a', body: { probe: { kind: 'http', url } } })).toMatchObject({
        body: { spec: { probe: { url } } },
      });
  });
});
