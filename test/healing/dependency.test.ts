// A dead database on one machine: what stands on it is held, its alerts are folded into the database's, and it comes
// back without a restart of its own.
import { expect, it } from 'vitest';

import { document, freePorts, openScene, redeploy } from './scene.ts';
import { kindsOf, toldOf, untilEvent, untilHealth, watch } from './waiting.ts';

it('a child of a dead database is not restarted', { timeout: 240_000 }, async (context) => {
  const [port = 0, childPort = 0] = await freePorts(2);
  const scene = await openScene(context, () => [
    { name: 'database', port },
    { name: 'child', port: childPort, env: { FRAIL_NEEDS: `http://127.0.0.1:${port}/health` } },
  ]);
  const restart = (name: string) => ({ warmUpSeconds: 1, steps: [redeploy(name)] });
  // The child is found unhealthy first: its parent is known to be down before it has reached its own threshold.
  await watch(scene, {
    database: document(port, { restart: restart('database') }),
    child: document(childPort, {
      ...{ policy: { failureThreshold: 1, successThreshold: 2 }, restart: restart('child') },
      dependsOn: [{ service: 'database' }],
    }),
  });

  scene.kill('database');
  const killedAt = scene.clock();
  const held = await untilEvent(scene, 'child', 'restart_held');
  expect(held.message).toContain('it depends on database, which is down');
  const heldAt = scene.clock();
  await untilHealth(scene, 'database', 'healthy');
  await untilHealth(scene, 'child', 'healthy');
  await context.annotate(`killed ${killedAt} s, child held ${heldAt} s, both healthy ${scene.clock()} s`);

  expect(scene.lives('child'), 'never touched').toHaveLength(1);
  expect(await scene.api.service('child')).toMatchObject({ totalRestarts: 0, restart: { phase: 'idle' } });
  expect(await kindsOf(scene, 'child')).not.toContain('restart_ordered');
  expect(await scene.api.service('database')).toMatchObject({ totalRestarts: 1 });
  expect(toldOf(scene)).toEqual(['database unhealthy', 'database recovered']);
});
