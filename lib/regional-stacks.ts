// The stacks of an app: one for whatever region it is deployed to, or one for each region of the settings. They know
// nothing of each other, so that the loss of a region is the loss of its own stack alone.
import type { App } from 'aws-cdk-lib';

import { LamplighterStack } from './lamplighter-stack.ts';
import type { Settings } from './settings.ts';

const NAME = 'Lamplighter';
const description = 'Lamplighter: watches services, restarts them, tells people';

/** `Lamplighter`, which fits any region, or `Lamplighter-<region>` for each region that is named. */
export function makeStacks(app: App, settings?: Settings): readonly LamplighterStack[] {
  const props = { description, ...(settings && { settings }) };
  const regions = settings?.regions ?? [];
  if (regions.length === 0) return [new LamplighterStack(app, NAME, props)];
  return regions.map((region) => new LamplighterStack(app, `${NAME}-${region}`, { ...props, env: { region } }));
}
