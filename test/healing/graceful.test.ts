// A graceful restart under a running load, on one machine: taken out of the balancer, waited for, restarted, put back;
// no request is lost. With `force` nobody waits, and the same load does lose some: it is a load that would show it.
import { describe, expect, it, type TestContext } from 'vitest';

import { eventually } from '../local/one-machine.ts';
import { beginLoad, openBalancer, outFile } from './balancer.ts';
import { document, freePorts, openScene, redeploy, script } from './scene.ts';
import { kindsOf, untilEvent, untilHealth, watch } from './waiting.ts';

const CLIENTS = 8;
/** From three to seven seconds, so that some are always in the middle of theirs. */
const workMs = (turn: number) => 3_000 + (turn % 5) * 1_000;

/** One restart, asked for by a person, of a service that works all the while; what became of the requests. */
async function restartUnderLoad(context: TestContext, force: boolean) {
  const [port = 0, otherPort = 0] = await freePorts(2);
  const wards = [
    { name: 'shop', port },
    { name: 'other', port: otherPort },
  ];
  const scene = await openScene(context, () => wards);
  const balancer = await openBalancer(scene.path, wards);
  context.onTestFinished(() => balancer.close());
  const out = outFile(scene.path, 'shop');
  const restart = {
    warmUpSeconds: 1,
    before: script(scene.writeScript('leave.sh', `touch ${out}`)),
    drain: { activeRequestsUrl: `http://127.0.0.1:${port}/active`, path: '$.active', timeoutSeconds: 60 },
    steps: [redeploy('shop')],
    after: script(scene.writeScript('join.sh', `rm -f ${out}`)),
  };
  await watch(scene, { shop: document(port, { restart }) });

  const load = beginLoad(balancer.port, CLIENTS, workMs);
  await eventually('work under way', () => balancer.passed('shop') >= CLIENTS, 60_000);
  const askedAt = scene.clock();
  expect(await scene.api.ask('shop', 'restart', { reason: 'leaks', force })).toMatchObject({ status: 202 });
  await untilEvent(scene, 'shop', 'restart_completed');
  const passed = balancer.passed('shop');
  await eventually('work for the new one', () => balancer.passed('shop') > passed, 60_000);
  const seen = await load.end();
  await untilHealth(scene, 'shop', 'healthy');
  await context.annotate(
    `verified ${Math.round(scene.clock() - askedAt)} s after it was asked for; ${JSON.stringify(seen)}`,
  );
  expect(scene.lives('shop'), 'it was restarted').toHaveLength(2);
  return { ...seen, kinds: await kindsOf(scene, 'shop') };
}

describe('a restart under a running load', { timeout: 240_000 }, () => {
  it('loses no request when it waits for them', async (context) => {
    const { done, lost, kinds } = await restartUnderLoad(context, false);
    expect(lost).toBe(0);
    expect(done).toBeGreaterThan(CLIENTS);
    expect(kinds).toContain('requests_awaited');
  });

  it('loses some when it is forced', async (context) => {
    const { lost, kinds } = await restartUnderLoad(context, true);
    expect(lost).toBeGreaterThan(0);
    expect(kinds).not.toContain('requests_awaited');
  });
});
