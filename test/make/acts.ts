// A restart policy with all acts around the step, for tests of hooks, configuration, waiting and the way back; and what
// is reported about its acts.
import type { ActKind } from '../../lambdas/core/model/state.ts';
import { currentAct } from '../../lambdas/core/restart/restart-plan.ts';
import { ssmStep } from './service.ts';
import type { Story } from './story.ts';

export const mainStep = { kind: 'ecs', cluster: 'prod', service: 'billing', timeoutSeconds: 300 } as const;
/** A script on a host, identified by its name. */
export const hook = (name: string, timeoutSeconds = 100) => ({
  ...ssmStep,
  instanceIds: ['i-0abc'],
  parameters: { restartScript: `/opt/${name}.sh` },
  timeoutSeconds,
});

export const everything = {
  before: hook('before'),
  configuration: { validate: hook('validate'), backup: hook('backup'), restore: hook('restore') },
  drain: { activeRequestsUrl: 'https://billing.example.com/active', timeoutSeconds: 40 },
  after: hook('after'),
  reload: hook('reload'),
  rollback: { ...mainStep, action: 'rollback' as const },
};

export const act = (story: Story): ActKind => currentAct(story.restart()).kind;
export const begin = (story: Story) =>
  story.reports({ kind: 'begun', before: 'old', leaseUntil: story.now() + 20_000, fleet: { restartsOn: true } });
export const send = (story: Story, adopted = false) =>
  story.reports({ kind: 'sent', handle: `h-${act(story)}`, adopted });
export const change = (story: Story) => story.reports({ kind: 'changed', identity: `n-${act(story)}`, detail: 'done' });
export const fail = (story: Story) => story.reports({ kind: 'failed', reason: 'exit 1', output: 'why' });
export const count = (story: Story, active: number | undefined) => {
  const [look] = story.pending('probe');
  const { id } = story.restart();
  return story.happens({ kind: 'drained', restartId: id, active, intentId: look?.id ?? '', jitter: 0 });
};

/** Carries out the present act; an invocation and a poll take a second each. */
export function carryOut(story: Story): void {
  if (act(story) === 'drain') {
    // The act is entered by the invocation that begins the restart, or by the end of the act before.
    if (story.restart().phase !== 'waiting_requests') begin(story);
    count(story.wait(1), 0);
    return;
  }
  begin(story);
  send(story.wait(1));
  change(story.wait(1));
}

/** Carries out everything up to this act, which is next. */
export function upTo(kind: ActKind, story: Story): Story {
  while (act(story) !== kind) carryOut(story);
  return story;
}
