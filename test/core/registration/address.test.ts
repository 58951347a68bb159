// The published list of addresses that must not be dialled, in every spelling an attacker has tried.
import { describe, expect, it } from 'vitest';

import { isCidr, literalAddress, refusedRange } from '../../../lambdas/core/registration/address.ts';

/** The way an address gets in: spelled in a URL, read by the URL parser. */
const refusedInUrl = (host: string, allowed: readonly string[] = []) => {
  const { hostname } = new URL(`http://${host}/`);
  const address = literalAddress(hostname);
  if (address === undefined) throw new Error(`${hostname} is read as a name`);
  return refusedRange(address, allowed);
};

const METADATA = 'link-local (instance metadata, container credentials, Lambda runtime API)';
const METADATA_V6 = 'instance metadata (IPv6)';

const HOSTILE: readonly [spelling: string, range: string][] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['127.0.0.1.', 'loopback'],
  ['127.1', 'loopback'],
  ['2130706433', 'loopback'],
  ['0x7f000001', 'loopback'],
  ['0x7f.0.0.1', 'loopback'],
  ['0177.0.0.1', 'loopback'],
  ['017700000001', 'loopback'],
  ['%31%32%37.0.0.1', 'loopback'],
  ['127。0。0。1', 'loopback'],
  ['①②⑦.0.0.1', 'loopback'],
  ['[::1]', 'loopback'],
  ['[0:0:0:0:0:0:0:1]', 'loopback'],
  ['[::ffff:127.0.0.1]', 'loopback'],
  ['[::ffff:7f00:1]', 'loopback'],
  ['[64:ff9b::127.0.0.1]', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['[::]', 'unspecified'],
  ['[::ffff:0.0.0.0]', 'unspecified'],
  ['169.254.169.254', METADATA],
  ['169.254.170.2', METADATA],
  ['169.254.100.1', METADATA],
  ['2852039166', METADATA],
  ['0xa9fea9fe', METADATA],
  ['0251.0376.0251.0376', METADATA],
  ['169.254.43518', METADATA],
  ['[::ffff:169.254.169.254]', METADATA],
  ['[::ffff:a9fe:a9fe]', METADATA],
  ['[64:ff9b::a9fe:a9fe]', METADATA],
  ['[fd00:ec2::254]', METADATA_V6],
  ['[fd00:ec2::23]', METADATA_V6],
  ['[fe80::1]', 'link-local (IPv6)'],
  ['[febf::1]', 'link-local (IPv6)'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['0xc0a80101', 'private'],
  ['[64:ff9b::10.0.0.1]', 'private'],
  ['100.64.0.1', 'carrier grade nat'],
  ['100.127.255.255', 'carrier grade nat'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.250', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['192.0.0.1', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['192.88.99.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['[fc00::1]', 'unique local'],
  ['[fd12:3456:789a::1]', 'unique local'],
  ['[fec0::1]', 'deprecated site local'],
  ['[ff02::1]', 'multicast'],
  ['[100::1]', 'discard'],
  ['[2001:db8::1]', 'reserved'],
  ['[2001:2::1]', 'benchmarking'],
  ['[5f00::1]', 'segment routing'],
  ['[4000::1]', 'unassigned'],
  ['[::127.0.0.1]', 'IPv4-compatible'],
  ['[::a9fe:a9fe]', 'IPv4-compatible'],
  ['[::ffff:0:127.0.0.1]', 'IPv4-translated'],
  ['[64:ff9b:1::a9fe:a9fe]', 'local NAT64'],
  ['[2002:7f00:1::]', '6to4'],
  ['[2002:a9fe:a9fe::1]', '6to4'],
  ['[2001:0:a9fe:a9fe::1]', 'Teredo'],
];

describe('addresses that must not be dialled', () => {
  it.each(HOSTILE)('%s is refused as %s', (spelling, range) => {
    expect(refusedInUrl(spelling)).toBe(range);
  });

  it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '[2606:4700::1111]', '[::ffff:8.8.8.8]', '[64:ff9b::808:808]'])(
    '%s is public and may be dialled',
    (spelling) => {
      expect(refusedInUrl(spelling)).toBeUndefined();
    },
  );

  it('what is no address is refused', () => {
    expect(refusedRange('example.com', ['0.0.0.0/0'])).toBe('not an address');
  });
});

describe('ranges that configuration opens', () => {
  it.each([
    ['127.0.0.1', '127.0.0.0/8'],
    ['[::ffff:127.0.0.1]', '127.0.0.0/8'],
    ['[::1]', '::1/128'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['[fd12::1]', 'fd12::/16'],
  ])('%s may be dialled once %s is open', (spelling, cidr) => {
    expect(refusedInUrl(spelling, ['192.0.2.0/24', cidr])).toBeUndefined();
  });

  it('opening one range opens no other', () => {
    expect(refusedInUrl('192.168.0.1', ['10.0.0.0/8', '::/0'])).toBe('private');
  });

  it.each([
    ['169.254.169.254', METADATA],
    ['[::ffff:169.254.170.2]', METADATA],
    ['[64:ff9b::a9fe:6401]', METADATA],
    ['[fd00:ec2::254]', METADATA_V6],
    ['[fe80::1]', 'link-local (IPv6)'],
    ['[2002:a9fe:a9fe::]', '6to4'],
    ['[::a9fe:a9fe]', 'IPv4-compatible'],
  ])('%s stays refused although everything is opened', (spelling, range) => {
    expect(refusedInUrl(spelling, ['0.0.0.0/0', '::/0', '169.254.0.0/16', 'fd00:ec2::/32', 'fe80::/10'])).toBe(range);
  });
});

describe('reading configuration and host names', () => {
  it.each(['10.0.0.0/8', '::1/128', 'fd00::/8', '192.168.1.7/32'])('%s is a range', (text) => {
    expect(isCidr(text)).toBe(true);
  });
  it.each(['10.0.0.0', '10/8', '10.0.0.0/33', '::1/129', 'example.com/8', '', '0x7f.0.0.1/8'])(
    '%j is no range',
    (text) => {
      expect(isCidr(text)).toBe(false);
    },
  );
  it.each([
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['example.com', undefined],
    ['localhost', undefined],
    ['127.0.0.1.example.com', undefined],
  ])('%s spells out %s', (hostname, address) => {
    expect(literalAddress(hostname)).toBe(address);
  });
});
