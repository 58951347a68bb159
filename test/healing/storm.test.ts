// A storm on one machine: 12 of 20 real services are killed. Nothing is restarted while it lasts, people are told once,
// and what is still down when it has passed is healed, the lowest first and never too many at once.
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';

import { eventually } from '../local/one-machine.ts';
import { CLUSTER, document, freePorts, openScene, redeploy, type Scene } from './scene.ts';
import { kindsOf, toldOf, untilEvent, untilHealth, untilTold, watch } from './waiting.ts';

const MOST = 2;
/** Far shorter than a minute, so that the counts by which single looks go must be right within it. */
const COOLDOWN_SECONDS = 10;
/** Long past the threshold of all of them, and past the first waits of the guard. */
const HOLD_MS = 20_000;
const names = Array.from({ length: 20 }, (_, index) => `lamp-${String(index + 1).padStart(2, '0')}`);
const killed = names.slice(0, 12);
/** Stays down when the storm has passed; the others of it stand on the first one. */
const left = killed.slice(0, 4);
const [lowest = '', ...upper] = left;

const restarted = async ({ lives }: Scene) => await Promise.resolve(names.filter((name) => lives(name).length > 1));

it('12 of 20 killed: nothing restarted, one alert, and healed in order', { timeout: 480_000 }, async (context) => {
  const ports = await freePorts(names.length);
  const scene = await openScene(context, () => names.map((name, index) => ({ name, port: ports[index] ?? 0 })), {
    storm: { share: 0.3, least: 5, cooldownSeconds: COOLDOWN_SECONDS },
    maxAtOnce: MOST,
  });
  const dependsOn = (name: string) => (upper.includes(name) ? [{ service: lowest }] : []);
  const documents = names.map((name, index): [string, object] => [
    name,
    document(ports[index] ?? 0, {
      restart: { warmUpSeconds: 1, steps: [redeploy(name)] },
      dependsOn: dependsOn(name),
    }),
  ]);
  await watch(scene, Object.fromEntries(documents));
  const calm = scene.clock();

  for (const name of killed) scene.kill(name);
  await untilTold(scene, 'storm');
  const warned = scene.clock();
  for (const name of killed) await untilHealth(scene, name, 'unhealthy');
  const until = Date.now() + HOLD_MS;
  await eventually('the storm to go on', () => Date.now() > until, 60_000);
  expect(await restarted(scene), 'nothing is restarted in a storm').toEqual([]);
  for (const name of killed) expect(await kindsOf(scene, name), name).not.toContain('restart_sent');
  expect(toldOf(scene), 'one alert for all').toEqual(['fleet storm']);
  expect((await scene.api.fleet())?.storms).toMatchObject([{ group: 'fleet', services: 20, endedAt: null }]);

  // Whoever owns the cause mends it: eight of them come back.
  const passing = scene.clock();
  for (const service of killed.slice(4))
    await scene.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, forceNewDeployment: true }));
  await untilTold(scene, 'storm_over', 240_000);
  const over = scene.clock();
  for (const name of killed) await untilHealth(scene, name, 'healthy');
  const healed = scene.clock();
  await context.annotate(`calm ${calm} s, warned ${warned} s, mended ${passing} s, over ${over} s, healed ${healed} s`);

  for (const name of names) {
    const kinds = await kindsOf(scene, name);
    expect(
      kinds.filter((kind) => kind === 'restart_sent'),
      name,
    ).toHaveLength(left.includes(name) ? 1 : 0);
    expect(scene.lives(name), name).toHaveLength(killed.includes(name) ? 2 : 1);
  }
  await expectOrder(scene);
  const told = toldOf(scene);
  const news = JSON.stringify(scene.inbox.alerts.filter(({ kind }) => kind.startsWith('storm')));
  expect(
    told.filter((text) => text.startsWith('fleet ')),
    news,
  ).toEqual(['fleet storm', 'fleet storm_over']);
  expect(told.filter((text) => !text.startsWith('fleet ') && !left.some((name) => text.startsWith(name)))).toEqual([]);
});

/** The lowest is verified before what stands on it is sent anything, and no more than `MOST` are under way at once. */
async function expectOrder(scene: Scene): Promise<void> {
  const times = await Promise.all(
    left.map(async (name) => ({
      name,
      from: Date.parse((await untilEvent(scene, name, 'restart_sent')).at),
      to: Date.parse((await untilEvent(scene, name, 'restart_completed')).at),
    })),
  );
  const verified = times.find(({ name }) => name === lowest)?.to ?? Infinity;
  for (const { name, from } of times.filter((one) => one.name !== lowest))
    expect(from, `${name} waits for ${lowest}`).toBeGreaterThanOrEqual(verified);
  for (const { from } of times)
    expect(times.filter((one) => one.from <= from && from < one.to).length).toBeLessThanOrEqual(MOST);
}
