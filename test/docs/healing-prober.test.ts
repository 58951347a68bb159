// The worked examples of docs/healing.md on what the prober sees: drain, container state, overload, Actuator.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { probeEcs } from '../../lambdas/adapters/state-prober.ts';
import { advance } from '../../lambdas/core/health/advance.ts';
import { activeRequestsIn } from '../../lambdas/core/judging/active-requests.ts';
import { judgeAnswer } from '../../lambdas/core/judging/judge-answer.ts';
import { type EcsState, judgeEcs } from '../../lambdas/core/judging/judge-ecs.ts';
import { freshFleet } from '../../lambdas/core/model/fleet.ts';
import type { Observation } from '../../lambdas/core/model/observation.ts';
import { type EcsProbe, type HttpProbe, probeSchema, settleProbe } from '../../lambdas/core/model/probe-spec.ts';
import { STANDARD_DOCUMENTS } from '../../lambdas/core/model/restart-spec.ts';
import { type Registration, toService } from '../../lambdas/core/model/service.ts';
import { freshState, runningRestart } from '../../lambdas/core/model/state.ts';
import { checkRegistration, type Limits } from '../../lambdas/core/registration/check-registration.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const blocks = (name: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body = '']) => body);
const lines = (name: string): [string, string][] =>
  blocks(name)
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => line.split(' -> ') as [string, string]);
const limits: Limits = {
  ...{
    minIntervalSeconds: 10,
    allowedRanges: [],
    documents: [...STANDARD_DOCUMENTS],
    networks: ['public'],
    ecsState: true,
  },
};
const registered = (id: string): Registration => {
  const text = blocks('registration').find((one) => one.includes(`"id": "${id}"`));
  const checked = checkRegistration(JSON.parse(text!), limits);
  if (checked.kind === 'faulty') throw new Error(JSON.stringify(checked.faults));
  return checked.value;
};
const probe = (document: object) => settleProbe(probeSchema.parse({ kind: 'http', url: 'http://x/', ...document }), 60);
const told = ({ verdict, message }: Observation) => (message === undefined ? verdict : `${verdict}: ${message}`);
const caused = ({ verdict, cause }: Observation) => (cause === 'none' ? verdict : `${verdict}: ${cause}`);

describe('the chapter on drain', () => {
  it.each(lines('counts'))('is right about the number in %s', (given, outcome) => {
    const [body = '', path] = given.split(' at ');
    expect(activeRequestsIn(body, path)).toBe(outcome === 'not known' ? undefined : Number(outcome));
  });

  it.each(lines('drain'))('is right about when it is sent: %s', (counts, outcome) => {
    const { before: _, ...restart } = registered('shop').restart;
    const service = toService({ ...registered('shop'), restart });
    const ask = { kind: 'requested', by: 'ann', reason: 'stuck', force: false } as const;
    let { state } = advance(service, freshState(0), ask, 0);
    const restartId = state.restart!.id;
    const report = { kind: 'begun', before: 'b', leaseUntil: 20_000, fleet: freshFleet } as const;
    ({ state } = advance(service, state, { kind: 'reported', restartId, report, jitter: 0 }, 0));
    let now = 0;
    const given = counts.split(', ').map((one) => (one === 'not known' ? undefined : Number(one)));
    for (let n = 0; runningRestart(state)?.phase === 'waiting_requests'; n += 1) {
      const look = state.intents.find(({ kind }) => kind === 'probe');
      if (look?.kind !== 'probe') throw new Error('nobody counts');
      now = Math.max(now, look.dueAt);
      const active = n < given.length ? given[n] : given.at(-1);
      ({ state } = advance(service, state, { kind: 'drained', restartId, active, intentId: look.id, jitter: 0 }, now));
      ({ state } = advance(service, state, { kind: 'ticked', jitter: 0 }, now));
    }
    expect(`sent after ${now / 1000} s`).toBe(outcome);
  });
});

describe('the chapter on container state', () => {
  const worker = toService(registered('worker'));
  const NOW = 1_000_000_000;

  it('registers what it shows, with its own network', () => {
    expect(worker).toMatchObject({ network: 'ecs', probe: { kind: 'ecs', graceSeconds: 120 } });
  });

  it.each(lines('ecs'))('is right about %s', async (given, outcome) => {
    const seen = worker.probe as EcsProbe;
    if (given.startsWith('ECS ')) {
      const failing = { state: () => Promise.reject(new Error('denied')) };
      const { verdict } = await probeEcs(seen, failing, { now: () => NOW }, new AbortController().signal);
      return expect(verdict).toBe(outcome);
    }
    const [, running, desired, daemon, rolloutState, reason, ago] =
      /^(\d) of (\d)( of a daemon)?(?:, rollout (\w+))?(?:, (.+?)(?: (\d+) s ago)?)?$/.exec(given) ?? [];
    const state: EcsState | undefined =
      given === 'no such service'
        ? undefined
        : ({
            ...{ running: Number(running), desired: Number(desired), pending: 0, stopping: 0 },
            deployments: [
              { status: 'PRIMARY', rolloutState: rolloutState ?? 'COMPLETED', failedTasks: 0, createdAt: NOW },
            ],
            ...(daemon && { isDaemon: true }),
            lastStopReason: reason,
            lastStoppedAt: reason && NOW - Number(ago ?? 0) * 1000,
            shortSince: reason && NOW - Number(ago ?? 0) * 1000,
          } as EcsState);
    const observation = judgeEcs(state, seen, NOW);
    expect(outcome.startsWith('up') ? told(observation) : caused(observation)).toBe(outcome);
  });
});

describe('the chapter on overload', () => {
  it.each(lines('overload'))('is right about %s', (given, outcome) => {
    const [, status, retryAfter, body] = /^(\d+)(?:, Retry-After: (\d+))? ?(.*)$/.exec(given)!;
    const answer = { status: Number(status), retryAfter, body, latencyMs: 5 };
    expect(caused(judgeAnswer(answer, probe({}) as HttpProbe))).toBe(outcome);
  });
});

describe('the chapter on Actuator', () => {
  const says = (body: string, document: HttpProbe) => {
    const status = body.startsWith('{"status":"UP"') || body.startsWith('{"status":"UNKNOWN"') ? 200 : 503;
    return told(judgeAnswer({ status, body, latencyMs: 5 }, document));
  };

  it.each(lines('actuator'))('is right about %s', (body, outcome) => {
    expect(says(body, probe({ expect: { actuator: true } }) as HttpProbe)).toBe(outcome);
  });

  it.each(lines('essential'))('is right about essential components in %s', (body, outcome) => {
    expect(says(body, toService(registered('orders')).probe as HttpProbe)).toBe(outcome);
  });
});

it('has examples of all of them', () => {
  const counted = ['counts', 'drain', 'ecs', 'overload', 'actuator', 'essential'].map((name) => lines(name).length);
  expect(counted).toEqual([5, 3, 11, 8, 4, 4]);
});
