// What a person says counts, on one machine: a cancel in time cancels, and a paused service is left alone and told of
// nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { eventually } from '../local/one-machine.ts';
import { document, freePorts, openScene, redeploy, script } from './scene.ts';
import { kindsOf, toldOf, untilHealth, watch } from './waiting.ts';

describe('what a person says', { timeout: 240_000 }, () => {
  it('a cancel in time cancels, and one that comes late is refused', async (context) => {
    const [port = 0] = await freePorts(1);
    const scene = await openScene(context, () => [{ name: 'lamp', port }]);
    const gate = join(scene.path, 'gate');
    const hook = scene.writeScript('before.sh', `touch ${gate}.begun; until [ -e ${gate} ]; do sleep 0.1; done`);
    const restart = { warmUpSeconds: 1, before: script(hook), steps: [redeploy('lamp')] };
    await watch(scene, { lamp: document(port, { restart }) });

    expect(await scene.api.ask('lamp', 'restart', { reason: 'to see' })).toMatchObject({ status: 202 });
    await eventually('the hook', () => existsSync(`${gate}.begun`), 30_000);
    expect(await scene.api.restart('lamp')).toMatchObject({ phase: 'preparing', underWay: true });
    const askedAt = Date.now();
    expect(await scene.api.ask('lamp', 'restart/cancel', {})).toMatchObject({ status: 200 });
    await context.annotate(`cancelled within ${Date.now() - askedAt} ms`);
    // The hook ends well after that, which is when the next act would be sent.
    scene.writeScript('gate', '');
    const until = Date.now() + 12_000;
    await eventually('looks after that', () => Date.now() > until, 30_000);
    expect(await scene.api.restart('lamp')).toMatchObject({
      ...{ phase: 'cancelled', underWay: false, outcome: 'cancelled by ada (anonymous)' },
    });
    expect(scene.lives('lamp')).toHaveLength(1);
    expect(await scene.api.service('lamp')).toMatchObject({ health: 'healthy' });

    // The gate is open now, so this one goes through; by then there is nothing to cancel.
    expect(await scene.api.ask('lamp', 'restart', { reason: 'again' })).toMatchObject({ status: 202 });
    await eventually('its new life', () => scene.lives('lamp').length === 2, 60_000);
    expect(await scene.api.ask('lamp', 'restart/cancel', {})).toMatchObject({ status: 409, code: 'RESTART_002' });
    await untilHealth(scene, 'lamp', 'healthy');
    expect(scene.lives('lamp')).toHaveLength(2);
  });

  it('what a hook has done before a cancel is undone behind its end, and nothing is restarted', async (context) => {
    const [port = 0] = await freePorts(1);
    const scene = await openScene(context, () => [{ name: 'lamp', port }]);
    const [gate, balancer] = [join(scene.path, 'gate'), join(scene.path, 'balancer')];
    const leave = scene.writeScript(
      'leave.sh',
      `echo left >> ${balancer}; until [ -e ${gate} ]; do sleep 0.1; done; echo gone >> ${balancer}`,
    );
    const enter = scene.writeScript('enter.sh', `echo back >> ${balancer}`);
    const restart = { warmUpSeconds: 1, before: script(leave), after: script(enter), steps: [redeploy('lamp')] };
    await watch(scene, { lamp: document(port, { restart }) });

    expect(await scene.api.ask('lamp', 'restart', { reason: 'to see' })).toMatchObject({ status: 202 });
    await eventually('the hook', () => existsSync(balancer), 30_000);
    expect(await scene.api.ask('lamp', 'restart/cancel', {})).toMatchObject({ status: 200 });
    expect(await scene.api.restart('lamp')).toMatchObject({
      phase: 'preparing',
      cancelledBy: 'ada (anonymous)',
      underWay: true,
    });
    const askedAt = scene.clock();
    scene.writeScript('gate', '');
    await eventually('its end', async () => (await scene.api.restart('lamp'))?.phase === 'cancelled', 60_000);
    await context.annotate(`back ${Math.round(scene.clock() - askedAt)} s after the hook has ended`);
    expect(await scene.api.restart('lamp')).toMatchObject({ underWay: false, outcome: 'cancelled by ada (anonymous)' });
    expect(readFileSync(balancer, 'utf8')).toBe('left\ngone\nback\n');
    expect(scene.lives('lamp')).toHaveLength(1);
  });

  it('a paused service is left alone and told of nothing, until it is resumed', async (context) => {
    const [port = 0] = await freePorts(1);
    const scene = await openScene(context, () => [{ name: 'lamp', port }]);
    await watch(scene, { lamp: document(port, { restart: { warmUpSeconds: 1, steps: [redeploy('lamp')] } }) });

    expect(await scene.api.ask('lamp', 'pause', { reason: 'a new disk' })).toMatchObject({ status: 200 });
    scene.kill('lamp');
    await untilHealth(scene, 'lamp', 'unhealthy');
    const until = Date.now() + 10_000;
    await eventually('five more looks', () => Date.now() > until, 30_000);
    expect(scene.lives('lamp'), 'left alone').toHaveLength(1);
    expect(await scene.api.service('lamp')).toMatchObject({ health: 'unhealthy', totalRestarts: 0 });
    expect(await kindsOf(scene, 'lamp')).not.toContain('restart_ordered');
    expect(toldOf(scene), 'told of nothing').toEqual([]);

    const resumedAt = scene.clock();
    expect(await scene.api.ask('lamp', 'resume', {})).toMatchObject({ status: 200 });
    await untilHealth(scene, 'lamp', 'healthy');
    await context.annotate(`healthy ${Math.round(scene.clock() - resumedAt)} s after it was resumed`);
    expect(scene.lives('lamp')).toHaveLength(2);
  });
});
