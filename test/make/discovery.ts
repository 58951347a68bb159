// ECS services as discovery sees them, and the rules for reading their tags.
import type { Network } from '../../lambdas/contract/networks.ts';
import type { SeenService, TagRules } from '../../lambdas/core/discovery/ecs-tags.ts';

/** A running service `Shop_Web` of the cluster `prod` with these tags. */
export const seenService = (
  tags: Readonly<Record<string, string>> = {},
  more: Partial<Omit<SeenService, 'tags'>> = {},
): SeenService => ({
  ...{ cluster: 'prod', service: 'Shop_Web', isRunning: true, targetGroups: [] },
  tags: new Map(Object.entries(tags)),
  ...more,
});

export const tagRules = (more: Partial<TagRules> = {}, networks: readonly Network[] = ['public']): TagRules => ({
  limits: { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks },
  restartTag: { key: 'lamplighter', value: 'restart' },
  endpoints: new Map(),
  ...more,
});
