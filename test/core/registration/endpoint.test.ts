import { describe, expect, it } from 'vitest';

import { endpointOf, type Listener } from '../../../lambdas/core/registration/endpoint.ts';

const balancer = { dnsName: 'prod-1.elb.amazonaws.com', isInternal: false };
const http = (port = 80, more: Partial<Listener> = {}): Listener => ({
  ...{ protocol: 'HTTP', port, leadsTo: [], isRedirect: false },
  ...more,
});
const https = (port = 443, more: Partial<Listener> = {}) => http(port, { protocol: 'HTTPS', ...more });
const ours = { leadsTo: ['other', 'group'] };
const redirect = { isRedirect: true };

describe('the door of a load balancer', () => {
  it.each<[string, Listener[], string | undefined]>([
    ['the only one there is', [http()], 'http://prod-1.elb.amazonaws.com'],
    ['named with its port when that is not the usual one', [http(8080)], 'http://prod-1.elb.amazonaws.com:8080'],
    ['named with its port when that is usual for the other', [https(80)], 'https://prod-1.elb.amazonaws.com:80'],
    ['HTTPS before HTTP', [http(), https()], 'https://prod-1.elb.amazonaws.com'],
    ['HTTPS before the HTTP that redirects to it', [http(80, redirect), https()], 'https://prod-1.elb.amazonaws.com'],
    [
      'the one that leads to the service, whatever it speaks',
      [https(), http(81, ours)],
      'http://prod-1.elb.amazonaws.com:81',
    ],
    ['of two that lead there, HTTPS', [http(80, ours), https(443, ours)], 'https://prod-1.elb.amazonaws.com'],
    [
      'one that only redirects after all others',
      [https(443, redirect), http(82)],
      'http://prod-1.elb.amazonaws.com:82',
    ],
    ['one that only redirects when there is no other', [http(80, redirect)], 'http://prod-1.elb.amazonaws.com'],
    ['of two alike the lower port', [http(9000), http(8000)], 'http://prod-1.elb.amazonaws.com:8000'],
    ['none that speaks another protocol', [http(53, { protocol: 'TCP' })], undefined],
    ['none at all', [], undefined],
  ])('is %s', (_, listeners, origin) => {
    expect(endpointOf(balancer, listeners, 'group')?.origin).toBe(origin);
    expect(endpointOf(balancer, listeners.toReversed(), 'group')?.origin).toBe(origin);
  });

  it('says whether it opens from inside only', () => {
    expect(endpointOf({ ...balancer, isInternal: true }, [http()], 'group')).toMatchObject({ isInternal: true });
    expect(endpointOf(balancer, [http()], 'group')).toMatchObject({ isInternal: false });
  });
});
