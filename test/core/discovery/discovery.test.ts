import { describe, expect, it } from 'vitest';

import {
  type DiscoveryPlan,
  planDiscovery,
  type Seen,
  type SeenCluster,
} from '../../../lambdas/core/discovery/discovery.ts';
import type { Drift } from '../../../lambdas/core/discovery/drift.ts';
import type { SeenService } from '../../../lambdas/core/discovery/ecs-tags.ts';
import type { Registration } from '../../../lambdas/core/model/service.ts';
import { registration, ssmStep } from '../../fakes/registrations.ts';
import { seenService, tagRules } from '../../make/discovery.ts';

const NOW = 1_800_000_000_000;
const RUN = 300_000;
const url = { 'lamplighter:health-url': 'https://shop.example.com/health' };
const service = (name: string, tags: Record<string, string> = {}, more: Partial<SeenService> = {}) =>
  seenService(tags, { service: name, ...more });
const cluster = (...services: SeenService[]): SeenCluster => ({ cluster: 'prod', services });
const plan = (seen: Partial<Seen>, rules = tagRules()): DiscoveryPlan =>
  planDiscovery({ clusters: [cluster()], registrations: [], before: undefined, now: NOW, ...seen }, rules);

/** What a run registers of these services when nothing is there. */
const discovered = (...services: SeenService[]): readonly Registration[] =>
  plan({ clusters: [cluster(...services)] }).register;
const byHand = (id: string, named?: string): Registration =>
  registration({ id, ...(named && { restart: { steps: [{ kind: 'ecs', cluster: 'prod', service: named }] } }) });

const ids = (registrations: readonly Registration[]) => registrations.map(({ tenant, id }) => `${tenant}/${id}`);
const shown = ({ entries }: Drift) =>
  entries.map(({ kind, service: name, id, tag, message }) =>
    [kind, name, ...(id ? [id] : []), ...(tag ? [tag] : []), message].join(' '),
  );
/** What it comes to, in short. */
const outcome = ({ register, remove, drift }: DiscoveryPlan) => ({
  register: ids(register),
  remove: ids(remove),
  drift: shown(drift),
});
const nothing = { register: [], remove: [], drift: [] };

describe('a tagged service', () => {
  it('is registered', () => {
    const [made] = discovered(service('web', url));
    expect(made).toMatchObject({ id: 'web', tags: { 'lamplighter:source': 'ecs-tags' } });
  });

  it('is not written again as long as nothing changes', () => {
    const web = service('web', url);
    expect(outcome(plan({ clusters: [cluster(web)], registrations: discovered(web) }))).toEqual(nothing);
  });

  it('is written again when a tag changes, and when somebody has changed what discovery made', () => {
    const web = service('web', { ...url, 'lamplighter:profile': 'critical' });
    const registrations = discovered(service('web', url));
    expect(plan({ clusters: [cluster(web)], registrations }).register).toMatchObject([
      { policy: { profile: 'critical' } },
    ]);
    const edited = discovered(web).map((one) => ({ ...one, name: 'Mine', restart: { ...one.restart, steps: [] } }));
    expect(plan({ clusters: [cluster(web)], registrations: edited }).register).toEqual(discovered(web));
  });

  it('is not registered for the first time while it is scaled to zero, and stays when it is scaled to zero later', () => {
    const asleep = service('web', url, { isRunning: false });
    expect(outcome(plan({ clusters: [cluster(asleep)] }))).toEqual(nothing);
    expect(outcome(plan({ clusters: [cluster(asleep)], registrations: discovered(service('web', url)) }))).toEqual(
      nothing,
    );
  });

  it('whose load balancer cannot be read is left as it is, and so is everything about it', () => {
    const path = service('web', { 'lamplighter:health-path': '/health' }, { targetGroups: ['group'] });
    const unread = tagRules({ endpoints: undefined });
    expect(outcome(plan({ clusters: [cluster(path)] }, unread))).toEqual(nothing);
    const registrations = discovered(service('web', url));
    expect(outcome(plan({ clusters: [cluster(path)], registrations }, unread))).toEqual(nothing);
  });
});

describe('a person', () => {
  it('who registered the service under another id is followed, and its tags are not', () => {
    const seen = { clusters: [cluster(service('web', url))], registrations: [byHand('shop', 'web')] };
    expect(outcome(plan(seen))).toEqual({
      ...nothing,
      drift: ['conflict web shop is registered by hand; its tags are not followed'],
    });
  });

  it('who registered something else under the id keeps it', () => {
    const seen = { clusters: [cluster(service('web', url))], registrations: [byHand('web')] };
    expect(outcome(plan(seen))).toEqual({
      ...nothing,
      drift: ['conflict web web asks for the id default/web, which was registered by hand'],
    });
  });

  it('who takes a registration over by writing it without the mark keeps it', () => {
    const web = service('web', { ...url, 'lamplighter:profile': 'critical' });
    const taken = discovered(service('web', url)).map((one) => ({ ...one, tags: {} }));
    expect(outcome(plan({ clusters: [cluster(web)], registrations: taken }))).toMatchObject({
      ...{ register: [], remove: [] },
      drift: ['conflict web web is registered by hand; its tags are not followed'],
    });
  });

  it('who registers by hand what discovery has registered is told, and both stay', () => {
    const web = service('web', url);
    const registrations = [...discovered(web), byHand('shop', 'web')];
    expect(outcome(plan({ clusters: [cluster(web)], registrations }))).toEqual({
      ...nothing,
      drift: ['conflict web shop is registered twice: by hand, and as default/web from its tags; remove one of them'],
    });
  });

  it('is not taken for discovery because of a mark of another value', () => {
    const marked = { ...byHand('web', 'web'), tags: { 'lamplighter:source': 'me' } };
    expect(plan({ clusters: [cluster(service('web', url))], registrations: [marked] }).register).toEqual([]);
  });
});

describe('two services that ask for one id', () => {
  const [a, b] = [
    service('a', { ...url, 'lamplighter:id': 'shop' }),
    service('b', { ...url, 'lamplighter:id': 'shop' }),
  ];

  it('get it in the order of their names, and the second is told who has it', () => {
    const { register, drift } = plan({ clusters: [cluster(b, a)] });
    expect(register).toMatchObject([{ id: 'shop', restart: { steps: [{ service: 'a' }] } }]);
    expect(shown(drift)).toEqual(['conflict b shop asks for the id default/shop, which prod/a has; give it another']);
  });

  it('leave it to the one that has it', () => {
    expect(outcome(plan({ clusters: [cluster(a, b)], registrations: discovered(b) }))).toEqual({
      ...nothing,
      drift: ['conflict a shop asks for the id default/shop, which prod/b has; give it another'],
    });
  });

  it('may have it in two tenants', () => {
    const elsewhere = service('b', { ...url, 'lamplighter:id': 'shop', 'lamplighter:tenant': 'acme' });
    expect(ids(discovered(a, elsewhere))).toEqual(['default/shop', 'acme/shop']);
  });
});

describe('a service that is not there any more', () => {
  const web = service('web', url);
  const registrations = discovered(web);
  const first = plan({ registrations });

  it('is shown at first, and its registration goes when the next run does not see it either', () => {
    expect(outcome(first)).toEqual({ ...nothing, drift: ['gone web web there is no ECS service prod/web'] });
    expect(outcome(plan({ registrations, before: first.drift, now: NOW + RUN }))).toEqual({
      ...nothing,
      remove: ['default/web'],
    });
  });

  it('is not taken for gone twice by one run that came twice', () => {
    const again = plan({ registrations, before: first.drift, now: NOW + 60_000 });
    expect(again.remove).toEqual([]);
    expect(again.drift.entries).toEqual(first.drift.entries);
    expect(plan({ registrations, before: again.drift, now: NOW + RUN }).remove).toHaveLength(1);
  });

  it('is not taken for gone when its cluster could not be read to the end, which breaks the row', () => {
    const clusters = [{ ...cluster(), fault: 'ListServices prod: ThrottlingException' }];
    const unread = plan({ clusters, registrations, before: first.drift, now: NOW + RUN });
    expect(outcome(unread)).toEqual(nothing);
    expect(unread.drift.clusters).toEqual([{ cluster: 'prod', services: 0, fault: clusters[0]?.fault }]);
    expect(plan({ registrations, before: unread.drift, now: NOW + 2 * RUN }).remove).toEqual([]);
  });

  it('is not taken for gone when nobody looks into its cluster', () => {
    const clusters = [{ cluster: 'stage', services: [] }];
    expect(outcome(plan({ clusters, registrations, before: first.drift, now: NOW + RUN }))).toEqual(nothing);
  });

  it('is only shown when a person registered it, however often', () => {
    const mine = { registrations: [byHand('shop', 'web')] };
    const gone = { ...nothing, drift: ['gone web shop there is no ECS service prod/web'] };
    expect(outcome(plan(mine))).toEqual(gone);
    const later = plan({ ...mine, before: plan(mine).drift, now: NOW + RUN });
    expect(outcome(later)).toEqual(gone);
    expect(later.drift.entries).toMatchObject([{ since: NOW }]);
  });

  it('is named once for each registration, and once for several steps', () => {
    const steps = ['web', 'web', 'api'].map((name) => ({ kind: 'ecs', cluster: 'prod', service: name }));
    expect(shown(plan({ registrations: [registration({ restart: { steps } })] }).drift)).toEqual([
      'gone web billing there is no ECS service prod/web',
      'gone api billing there is no ECS service prod/api',
    ]);
  });

  it('comes back under the same id elsewhere in the very run in which the old one goes', () => {
    const clusters = [cluster(), { cluster: 'next', services: [service('web', url, { cluster: 'next' })] }];
    const moved = plan({ clusters, registrations });
    expect(shown(moved.drift)).toEqual([
      'gone web web there is no ECS service prod/web',
      'conflict web web asks for the id default/web, which prod/web has; give it another',
    ]);
    const then = plan({ clusters, registrations, before: moved.drift, now: NOW + RUN });
    expect(outcome(then)).toEqual({ register: ['default/web'], remove: ['default/web'], drift: [] });
    expect(then.register).toMatchObject([{ restart: { steps: [{ cluster: 'next' }] } }]);
  });
});

describe('a service whose tags are gone', () => {
  const registrations = discovered(service('web', url));
  const clusters = [cluster(service('web'))];

  it('is shown at first, and its registration goes when they do not come back', () => {
    const first = plan({ clusters, registrations });
    expect(outcome(first)).toEqual({ ...nothing, drift: ['untagged web web the tags that it came from are gone'] });
    expect(outcome(plan({ clusters, registrations, before: first.drift, now: NOW + RUN }))).toEqual({
      ...nothing,
      remove: ['default/web'],
    });
  });

  it('is no matter when a person registered it', () => {
    expect(outcome(plan({ clusters, registrations: [byHand('shop', 'web')] }))).toEqual(nothing);
  });

  it('stays registered as it was while a tag is only wrong', () => {
    const wrong = { clusters: [cluster(service('web', { 'lamplighter:health-url': 'no' }))], registrations };
    const first = plan(wrong);
    expect(outcome(first)).toEqual({
      ...nothing,
      drift: ['faulty_tag web lamplighter:health-url must be a whole URL such as https://example.com/health'],
    });
    expect(plan({ ...wrong, before: first.drift, now: NOW + RUN }).remove).toEqual([]);
  });
});

describe('a service that asks for another id', () => {
  const renamed = service('web', { ...url, 'lamplighter:id': 'shop' });
  const registrations = discovered(service('web', url));
  const seen = { clusters: [cluster(renamed)], registrations };

  it('keeps its old one for a run, so that two never restart it, and changes then', () => {
    const first = plan(seen);
    expect(outcome(first)).toEqual({ ...nothing, drift: ['untagged web web its tags ask for default/shop now'] });
    const second = plan({ ...seen, before: first.drift, now: NOW + RUN });
    expect(outcome(second)).toEqual({ register: ['default/shop'], remove: ['default/web'], drift: [] });
  });

  it('keeps it as long as a person has the other one', () => {
    const taken = plan({ ...seen, registrations: [...registrations, byHand('shop')] });
    expect(outcome(taken)).toEqual({
      ...nothing,
      drift: ['conflict web shop asks for the id default/shop, which was registered by hand'],
    });
  });

  it('has the new one kept up to date while a second, older one of it waits to go', () => {
    const critical = service('web', { ...url, 'lamplighter:id': 'shop', 'lamplighter:profile': 'critical' });
    const both = plan({ clusters: [cluster(critical)], registrations: [...registrations, ...discovered(renamed)] });
    expect(outcome(both)).toEqual({
      ...{ register: ['default/shop'], remove: [] },
      drift: ['untagged web web its tags ask for default/shop now'],
    });
  });
});

describe('a service that nobody registered', () => {
  it('is shown while it runs', () => {
    const clusters = [cluster(service('web'), service('asleep', {}, { isRunning: false }))];
    expect(outcome(plan({ clusters }))).toEqual({
      ...nothing,
      drift: ['unregistered web runs, and nobody registered it'],
    });
  });

  it('is shown too when only hosts are restarted by that name', () => {
    const clusters = [cluster(service('web'))];
    expect(
      shown(plan({ clusters, registrations: [registration({ id: 'web', restart: { steps: [ssmStep] } })] }).drift),
    ).toHaveLength(1);
  });

  it('is not shown once it is registered', () => {
    expect(outcome(plan({ clusters: [cluster(service('web'))], registrations: [byHand('x', 'web')] }))).toEqual(
      nothing,
    );
  });
});

describe('a wrong tag', () => {
  it('stops nothing else', () => {
    const clusters = [cluster(service('a', { 'lamplighter:health-url': 'no' }), service('b', url))];
    const { register, drift } = plan({ clusters });
    expect(ids(register)).toEqual(['default/b']);
    expect(drift.entries).toMatchObject([{ kind: 'faulty_tag', service: 'a', tag: 'lamplighter:health-url' }]);
  });
});

describe('what is written down', () => {
  it('says which clusters were read', () => {
    const { drift } = plan({ clusters: [cluster(service('a'), service('b')), { cluster: 'stage', services: [] }] });
    expect(drift).toMatchObject({
      at: NOW,
      clusters: [
        { cluster: 'prod', services: 2 },
        { cluster: 'stage', services: 0 },
      ],
    });
  });

  it('leaves out what waits to be confirmed last of all: it would never go', () => {
    const many = Array.from({ length: 250 }, (_, n) => service(`web-${n}`));
    const registrations = [
      ...Array.from({ length: 50 }, (_, n) => byHand(`mine-${n}`, `gone-${n}`)),
      ...discovered(service('web', url)),
    ];
    const { drift } = plan({ clusters: [cluster(...many)], registrations });
    expect(drift.entries[0]).toMatchObject({ kind: 'gone', id: 'web' });
    expect(drift.leftOut).toBe(101);
    expect(drift.entries.filter(({ kind }) => kind === 'gone')).toHaveLength(51);
  });
});
