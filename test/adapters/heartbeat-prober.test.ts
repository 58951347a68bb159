// The arithmetic of heartbeats: interval and grace, from the last report or from registration.
import { expect, it } from 'vitest';

import { look } from '../make/probe-bench.ts';

const heartbeat = { kind: 'heartbeat', graceSeconds: 30 };
const at = (seconds: number) => ({ clock: { now: () => seconds * 1000 } });

it('a heartbeat counts until interval and grace are over', async () => {
  const heartbeatAt = 1_000_000;
  expect(await look(heartbeat, at(1_090), { heartbeatAt })).toEqual({ verdict: 'up', cause: 'none' });
  expect(await look(heartbeat, at(1_090.001), { heartbeatAt })).toEqual({
    verdict: 'down',
    cause: 'heartbeat_missing',
    message: 'no heartbeat for 90 s; expected every 60 s with 30 s of grace',
  });
});

it('a service that never reported has the same time from its registration on', async () => {
  expect(await look(heartbeat, at(90))).toMatchObject({ verdict: 'up' });
  expect(await look(heartbeat, at(95))).toMatchObject({
    verdict: 'down',
    message: 'no heartbeat for 95 s, none since it was registered; expected every 60 s with 30 s of grace',
  });
});

it('a heartbeat from a clock that is ahead of ours is up', async () => {
  expect(await look(heartbeat, at(0), { heartbeatAt: 5_000 })).toMatchObject({ verdict: 'up' });
});

it('a heartbeat from before a restart says nothing of what stands there now, until it is missed', async () => {
  const reported = { heartbeatAt: 1_000_000, reportsFrom: 1_020_000 };
  expect(await look(heartbeat, at(1_090), reported)).toEqual({
    verdict: 'unknown',
    cause: 'own_trouble',
    message: 'it has not reported itself since it was restarted',
  });
  expect(await look(heartbeat, at(1_091), reported)).toMatchObject({ verdict: 'down' });
  expect(await look(heartbeat, at(1_030), { ...reported, heartbeatAt: 1_020_000 })).toMatchObject({ verdict: 'up' });
});
