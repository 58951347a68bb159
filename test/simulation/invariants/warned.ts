// Services that can work without a dependency warn when it is down: about a real outage that people may know of, and
// about nothing that the registration does not name.
import type { Invariant } from './invariant.ts';

export const warned: Invariant = {
  name: 'a warning of a dependency is of its outage',
  onCommit({ before, after, spec, service, invocation }, check, { table }) {
    if (before.warnedOf === after.warnedOf || after.warnedOf === undefined) return;
    const named = after.warnedOf.at(-1)?.service ?? '';
    const isNamed = spec.dependsOn.some((edge) => edge.service === named && !edge.essential);
    check(isNamed, () => `it was warned of ${named}, which it does not name`);
    const item = table.itemOf({ tenant: service.key.tenant, id: named });
    check(item !== undefined, () => `it was warned of ${named}, which is not there`);
    // What was read and has been rewritten since may have been an outage.
    if (!item || item.writtenAt >= invocation.startedAt) return;
    const { incident } = item.stored.state;
    check(incident?.openedAt === after.warnedOf.at(-1)?.since, () => `it was warned of ${named}, which is not down`);
    check(incident?.untold !== true, () => `it was warned of ${named}, of which people may not know yet`);
  },
};
