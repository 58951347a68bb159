// Private ranges that the settings may open to the prober inside the VPC, and ranges that must never be opened.
import { BlockList, isIPv6 } from 'node:net';

import * as z from 'zod';

export const cidr = z.union([z.cidrv4(), z.cidrv6()], 'must be a range such as 10.0.0.0/8');

const neverOpened = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/127', 'fe80::/10', '::ffff:0:0/96'];

/**
 * Whether a range contains, or is part of, one that must never be opened: of two ranges that overlap, one begins in the
 * other.
 */
export const isOverlapping = (range: string): boolean =>
  neverOpened.some((never) => isWithin(startOf(never), range) || isWithin(startOf(range), never));
const startOf = (range: string) => range.replace(/\/.*$/, '');
function isWithin(address: string, range: string): boolean {
  const family = (text: string) => (isIPv6(text) ? 'ipv6' : 'ipv4');
  const list = new BlockList();
  list.addSubnet(startOf(range), Number(range.replace(/^.*\//, '')), family(startOf(range)));
  return family(address) === family(startOf(range)) && list.check(address, family(address));
}
