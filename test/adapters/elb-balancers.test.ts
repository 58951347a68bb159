import { afterEach, describe, expect, it } from 'vitest';

import { createElbBalancers } from '../../lambdas/adapters/elb-balancers.ts';
import { AwsFault } from '../../local/aws/wire.ts';
import { openWire } from '../fixtures/wire.ts';

const { signal } = new AbortController();
const clean: (() => void)[] = [];
afterEach(() => {
  for (const act of clean.splice(0)) act();
});

type Group = { arn: string; balancers: string[] };
type Balancer = { arn: string; type?: string; scheme?: string; listeners: string[] };
const member = (...fields: [name: string, value: string][]) =>
  `<member>${fields.map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</member>`;
const list = (members: readonly string[]) =>
  members.map((one) => (one.startsWith('<') ? one : `<member>${one}</member>`)).join('');

const forward = (group: string) => list([member(['Type', 'forward'], ['TargetGroupArn', group])]);
const weighted = (...groups: string[]) =>
  list([
    member(
      ['Type', 'forward'],
      [
        'ForwardConfig',
        `<TargetGroups>${list(groups.map((group) => member(['TargetGroupArn', group])))}</TargetGroups>`,
      ],
    ),
  ]);
const listener = (protocol: string, port: number, actions = '') =>
  member(['Protocol', protocol], ['Port', String(port)], ['DefaultActions', actions]);

/** One to a page, so that every list has several. */
async function balancersOf(groups: Group[], balancers: Balancer[]) {
  const asked: string[] = [];
  const wire = await openWire({
    elb: (action, parameters) => {
      const at = Number(parameters.get('Marker') ?? 0);
      asked.push(`${action} ${parameters.get('LoadBalancerArn') ?? ''}${at > 0 ? at : ''}`.trim());
      const page = (name: string, members: readonly string[]) =>
        `<${name}>${members[at] ?? ''}</${name}>${at + 1 < members.length ? `<NextMarker>${at + 1}</NextMarker>` : ''}`;
      if (action === 'DescribeTargetGroups')
        return page(
          'TargetGroups',
          groups.map(({ arn, balancers: of }) => member(['TargetGroupArn', arn], ['LoadBalancerArns', list(of)])),
        );
      if (action === 'DescribeLoadBalancers')
        return page(
          'LoadBalancers',
          balancers.map(({ arn, type = 'application', scheme = 'internet-facing' }) =>
            member(['LoadBalancerArn', arn], ['DNSName', `${arn}.example.com`], ['Type', type], ['Scheme', scheme]),
          ),
        );
      return page('Listeners', balancers.find(({ arn }) => arn === parameters.get('LoadBalancerArn'))?.listeners ?? []);
    },
  });
  clean.push(wire.close);
  return { asked, balancers: createElbBalancers(wire.elb) };
}

describe('the load balancers', () => {
  it('tell where the services behind target groups answer, page by page, each asked for once', async () => {
    const { asked, balancers } = await balancersOf(
      [
        { arn: 'web', balancers: ['prod'] },
        { arn: 'api', balancers: ['prod'] },
        { arn: 'weighted', balancers: ['inner'] },
        { arn: 'not-asked-for', balancers: ['other'] },
      ],
      [
        { arn: 'prod', listeners: [listener('HTTP', 8080, forward('api')), listener('HTTP', 80, forward('web'))] },
        { arn: 'inner', scheme: 'internal', listeners: [listener('HTTPS', 443, weighted('x', 'weighted'))] },
        { arn: 'other', listeners: [] },
      ],
    );
    expect(await balancers.endpoints(['web', 'api', 'weighted', 'gone'], signal)).toEqual(
      new Map([
        ['web', { origin: 'http://prod.example.com', isInternal: false }],
        ['api', { origin: 'http://prod.example.com:8080', isInternal: false }],
        ['weighted', { origin: 'https://inner.example.com', isInternal: true }],
      ]),
    );
    expect(asked).toEqual([
      ...['', ' 1', ' 2', ' 3'].map((page) => `DescribeTargetGroups${page}`),
      ...['', ' 1', ' 2'].map((page) => `DescribeLoadBalancers${page}`),
      ...['DescribeListeners prod', 'DescribeListeners prod1', 'DescribeListeners inner'],
    ]);
  });

  it('pass over what only redirects where something else listens', async () => {
    const redirect = listener('HTTP', 80, list([member(['Type', 'redirect'])]));
    const { balancers } = await balancersOf(
      [{ arn: 'web', balancers: ['prod'] }],
      [{ arn: 'prod', listeners: [redirect, listener('HTTP', 81)] }],
    );
    expect(await balancers.endpoints(['web'], signal)).toMatchObject(
      new Map([['web', { origin: 'http://prod.example.com:81' }]]),
    );
  });

  it.each<[string, Group, Balancer]>([
    [
      'a network load balancer',
      { arn: 'web', balancers: ['net'] },
      { arn: 'net', type: 'network', listeners: [listener('TCP', 80)] },
    ],
    ['no load balancer', { arn: 'web', balancers: [] }, { arn: 'prod', listeners: [listener('HTTP', 80)] }],
    ['a load balancer on which nobody listens', { arn: 'web', balancers: ['prod'] }, { arn: 'prod', listeners: [] }],
  ])('tell nothing of a target group behind %s', async (_, group, balancer) => {
    const { balancers } = await balancersOf([group], [balancer]);
    expect(await balancers.endpoints(['web'], signal)).toEqual(new Map());
  });

  it('are not asked when nobody needs them', async () => {
    const { asked, balancers } = await balancersOf([], []);
    expect(await balancers.endpoints([], signal)).toEqual(new Map());
    expect(asked).toEqual([]);
  });

  it.each(['DescribeTargetGroups', 'DescribeLoadBalancers', 'DescribeListeners'])(
    'fail by the name of %s',
    async (failing) => {
      const groups = `<TargetGroups>${member(['TargetGroupArn', 'web'], ['LoadBalancerArns', list(['prod'])])}</TargetGroups>`;
      const fields: [string, string][] = [
        ['LoadBalancerArn', 'prod'],
        ['DNSName', 'x'],
        ['Type', 'application'],
      ];
      const wire = await openWire({
        elb: (action) => {
          if (action === failing) return new AwsFault('AccessDenied', 'no');
          return action === 'DescribeTargetGroups' ? groups : `<LoadBalancers>${member(...fields)}</LoadBalancers>`;
        },
      });
      clean.push(wire.close);
      await expect(createElbBalancers(wire.elb).endpoints(['web'], signal)).rejects.toMatchObject({
        name: 'InventoryError',
        message: expect.stringMatching(`^${failing}.*: AccessDenied$`),
      });
    },
  );

  it('are left as soon as the run is cut off', async () => {
    const { balancers } = await balancersOf([], []);
    await expect(balancers.endpoints(['web'], AbortSignal.abort())).rejects.toThrow('DescribeTargetGroups: AbortError');
  });
});
