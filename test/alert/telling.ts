// Telling alerts and windows with a clock, queues and a topic of its own; every side effect can be the last one.
import { tellAlert } from '../../lambdas/alert/tell-alert.ts';
import { tellWindow } from '../../lambdas/alert/tell-window.ts';
import type { AlertDocument } from '../../lambdas/core/alerts/document.ts';
import type { GroupRules } from '../../lambdas/core/alerts/group.ts';
import type { AlertWindows, Notice } from '../../lambdas/ports/alerts.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { fakeQueues, fakeWindowQueue } from '../fakes/fake-ports.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { type Death, Story } from '../scenario/invocation.ts';

const { signal } = new AbortController();
export const cause = { correlationId: 'c1', signal };
/** The keys of all alerts that a message tells. */
export const keysIn = ({ json }: Notice): string[] => {
  const document = JSON.parse(json) as AlertDocument;
  return document.group
    ? document.group.alerts.map(({ deduplicationKey }) => deduplicationKey)
    : [document.deduplicationKey];
};

export function telling(
  windows: AlertWindows = fakeStores(1).windows,
  rules: GroupRules = { groupMs: 60_000 },
  death?: Death,
) {
  const clock = fakeClock();
  const queues = fakeQueues(clock);
  const published: Notice[] = [];
  const [log, metrics, story] = [fakeLog(), fakeMetrics(), new Story(death)];
  const sink = { publish: async (notice: Notice) => void published.push(notice) };
  const portsOf = () => {
    const life = story.begin();
    const grouping = {
      windows: life.mortal('windows', windows, ['save', 'add']),
      queue: life.mortal('queue', fakeWindowQueue(queues), ['look']),
      rules,
    };
    return { clock, log, metrics, grouping, sink: life.mortal('sink', sink, ['publish']) };
  };
  const tell = (document: AlertDocument, canWait = false) => tellAlert(document, portsOf(), cause, canWait);
  /** Delivers what is due; what fails comes again. */
  const deliver = async () => {
    for (let message = queues.window.receive(); message; message = queues.window.receive()) {
      const { body } = message;
      const isDone = await tellWindow(body, portsOf(), signal).then(
        () => true,
        () => false,
      );
      if (isDone) queues.window.done(message);
    }
  };
  /** Lets the time go on until no message is left. */
  const settle = async () => {
    for (let turn = 0; turn < 500 && queues.window.messages.length > 0; turn += 1) {
      clock.set(queues.window.nextAt());
      await deliver();
    }
  };
  return { clock, queues, published, log, metrics, story, tell, deliver, settle, windows };
}
