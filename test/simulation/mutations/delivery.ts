// Bugs in what is told and handed on: lost, told twice, or struck off before it was done.
import type { Mutation } from './mutation.ts';

const send = 'lambdas/alert/send-alert.ts';
const carry = 'lambdas/alert/carry-out.ts';
const conclude = 'lambdas/alert/conclude.ts';
const incident = 'lambdas/core/health/incident.ts';

export const deliveryMutations: readonly Mutation[] = [
  {
    bug: 'intent struck off too early: what failed counts as done',
    file: carry,
    from: 'return { isTold: false, fault };',
    to: 'return { isTold: true };',
  },
  {
    bug: 'claim ignored: two deliveries publish one alert',
    file: send,
    from: 'if (!changed?.isChanged || !intentIds.every(isOurs))',
    to: 'if (intentIds.every(isOurs) && false)',
  },
  {
    bug: 'what is pending is not handed over again',
    file: 'lambdas/core/health/advance.ts',
    from: '!step.intents.includes(intent) &&',
    to: 'false &&',
  },
  {
    bug: 'alert key reused by the next incident',
    file: incident,
    from: 'deduplicationKey: `${incident.id}:${alert.kind}`',
    to: 'deduplicationKey: `${context.service.id}:${alert.kind}`',
  },
  {
    bug: 'an alert is made again and again',
    file: 'lambdas/core/health/held-back.ts',
    from: "if (incident.alerted.includes(kind)) return 'repeated';",
    to: '',
  },
  {
    bug: 'people are not told that the budget is used up',
    file: 'lambdas/core/health/seek-restart.ts',
    from: "return withAlert(context, recorded, {\n    kind: 'restart_limit_exceeded',",
    to: "return withAlert(context, { ...recorded, state: { ...recorded.state, incident: undefined } }, {\n    kind: 'restart_limit_exceeded',",
  },
  {
    bug: 'group that no message tells',
    file: 'lambdas/alert/tell-alert.ts',
    from: 'await queue.look(message,',
    to: 'if (windows === undefined) await queue.look(message,',
  },
  {
    bug: 'group struck off before it was published',
    file: 'lambdas/alert/tell-window.ts',
    from: `    await publish(place, closing.leaving, ports, signal);
    await strikeOff(place, closing.leaving.id, windows, signal);`,
    to: `    await strikeOff(place, closing.leaving.id, windows, signal);
    await publish(place, closing.leaving, ports, signal);`,
  },
  {
    bug: 'group told twice: who tells it is not asked',
    file: 'lambdas/core/alerts/group.ts',
    from: 'if (now < leaving.claimedUntil)',
    to: 'if (now < 0)',
  },
  {
    bug: 'group forgets what it has told',
    file: 'lambdas/core/alerts/group.ts',
    from: 'recent: [...windows.recent, ...keys].slice(-RECENT)',
    to: 'recent: windows.recent',
  },
  {
    bug: 'what the event bus refused is struck off',
    file: conclude,
    from: 'refused.has(intent.id) !== isOnBus',
    to: 'isOnBus',
  },
  {
    bug: 'people are told again because the event bus refused',
    file: carry,
    from: "if (half === 'told') return { isTold: true };",
    to: '',
  },
  {
    bug: 'half done without having been told',
    file: conclude,
    from: 'one.isTold === isTold',
    to: 'isTold',
  },
  {
    bug: 'a state change that the event bus does not hear of',
    file: 'lambdas/core/health/changed.ts',
    from: 'if (!best) return step;',
    to: "if (!best || after.health === 'degraded') return step;",
  },
];
