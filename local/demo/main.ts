// `npm run demo`: a scripted outage and recovery on this machine. Exits with 0 only if the killed and the hanging
// service were healed, the third was left alone, and each incident's alerts arrived exactly once. Ends by itself within
// 60 s.
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { startCloud } from '../cloud.ts';
import { readSettings } from '../settings.ts';
import {
  type Delivered,
  freePort,
  type Life,
  lifeOn,
  makeFolder,
  runByHand,
  serviceCommand,
  subscriber,
  untilAlive,
  writeStartScript,
} from './stage.ts';
import { call, type Watch, watchServices } from './watch.ts';

const LIMIT_MS = 55_000;
/** Long enough for a second delivery to arrive, if there were one. */
const QUIET_MS = 1_500;
const begunAt = Date.now();

function say(text: string, at = Date.now()): void {
  console.log(`${((at - begunAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);
}

async function demo(): Promise<boolean> {
  const folder = await makeFolder();
  const ports = { alpha: await freePort(), beta: await freePort(), gamma: await freePort() };
  const startScript = await writeStartScript(folder, ports.alpha);
  const inbox = await subscriber(({ service, kind, level }) =>
    say(`${service.id.padEnd(6)} ALERT             ${kind} (${level})`),
  );
  runByHand(ports.alpha);
  runByHand(ports.gamma);

  say('starting Lamplighter in a temporary folder');
  const [command, ...parameters] = serviceCommand(ports.beta);
  const config = {
    ecs: {
      services: [
        {
          cluster: 'demo',
          service: 'beta',
          command: [command, ...parameters],
          port: ports.beta,
          stopTimeoutSeconds: 1,
        },
      ],
    },
    ssm: { instances: [{ id: 'i-0a1fa' }] },
    sns: { subscribers: [{ protocol: 'http', endpoint: `http://127.0.0.1:${inbox.port}/alerts` }] },
  };
  const settings = readSettings({ LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: folder }, config);
  const cloud = await startCloud({ settings, print: () => undefined, onError: (error) => say(String(error)) });
  try {
    const lives = {
      alpha: await untilAlive(ports.alpha),
      beta: await untilAlive(ports.beta),
      gamma: await untilAlive(ports.gamma),
    };
    const { apiUrl } = cloud;
    await register(apiUrl, 'alpha', ports.alpha, {
      kind: 'ssm',
      document: 'Lamplighter-RestartLinux',
      instanceIds: ['i-0a1fa'],
      parameters: { startScript, port: String(ports.alpha) },
    });
    await register(apiUrl, 'beta', ports.beta, { kind: 'ecs', cluster: 'demo', service: 'beta' });
    await register(apiUrl, 'gamma', ports.gamma);
    const watch = watchServices(apiUrl, ['alpha', 'beta', 'gamma'], say);
    cloud.startRounds();
    await until(
      watch,
      () => ['alpha', 'beta', 'gamma'].every((id) => watch.timeOf(id, 'healthy')),
      'all three to be healthy',
    );

    const brokenAt = Date.now();
    say(`alpha  is killed (pid ${lives.alpha.pid}); beta hangs from now on: it accepts and never answers`);
    process.kill(lives.alpha.pid, 'SIGKILL');
    await fetch(`http://127.0.0.1:${ports.beta}/hang`);

    await until(
      watch,
      () => Boolean(watch.timeOf('alpha', 'recovered') && watch.timeOf('beta', 'recovered')),
      'both to recover',
    );
    await until(watch, () => inbox.alerts.filter(({ kind }) => kind === 'recovered').length >= 2, 'the last alerts');
    await sleep(QUIET_MS);
    await watch.update();
    return summary(watch, inbox.alerts, brokenAt, {
      before: lives,
      after: { alpha: await lifeOn(ports.alpha), beta: await lifeOn(ports.beta), gamma: await lifeOn(ports.gamma) },
    });
  } finally {
    await cloud.stop();
    inbox.server.close();
    for (const port of Object.values(ports)) await endLife(port);
    await rm(folder, { recursive: true, force: true });
  }
}

function register(apiUrl: string, id: string, port: number, step?: unknown): Promise<unknown> {
  return call(apiUrl, 'PUT', `/services/${id}`, {
    project: 'demo',
    probe: {
      kind: 'http',
      url: `http://127.0.0.1:${port}/health`,
      intervalSeconds: 1,
      timeoutSeconds: 0.5,
      expect: { json: [{ path: '$.status', equals: 'UP' }] },
    },
    policy: { failureThreshold: 3, successThreshold: 2 },
    ...(step !== undefined && { restart: { warmUpSeconds: 1, verifyTimeoutSeconds: 20, steps: [step] } }),
  });
}

async function until(watch: Watch, isReached: () => boolean, what: string): Promise<void> {
  while (!isReached()) {
    if (Date.now() - begunAt > LIMIT_MS) throw new Error(`waited in vain for ${what}`);
    await sleep(250);
    await watch.update();
  }
}

type Lives = Readonly<Record<'alpha' | 'beta' | 'gamma', Life | undefined>>;

function summary(
  watch: Watch,
  alerts: readonly Delivered[],
  brokenAt: number,
  lives: { before: Lives; after: Lives },
): boolean {
  const after = (id: string, kind: string) => {
    const at = watch.timeOf(id, kind);
    return at === undefined ? '-' : `${((at - brokenAt) / 1000).toFixed(1)} s`;
  };
  console.log('\nservice  way   detected after  restarted after  recovered after');
  for (const [id, way] of [
    ['alpha', 'SSM'],
    ['beta', 'ECS'],
  ] as const)
    console.log(
      `${id.padEnd(8)} ${way}   ${after(id, 'unhealthy').padEnd(15)} ${after(id, 'restart_sent').padEnd(16)} ${after(id, 'recovered')}`,
    );
  const told = (id: string) =>
    alerts
      .filter(({ service }) => service.id === id)
      .map(({ kind }) => kind)
      .sort()
      .join(', ');
  const isNew = (id: 'alpha' | 'beta') =>
    lives.after[id] !== undefined && lives.after[id]?.pid !== lives.before[id]?.pid;
  const checks: readonly (readonly [string, boolean])[] = [
    ['alpha runs again, as another process', isNew('alpha')],
    ['beta answers again, as another process', isNew('beta')],
    [
      'gamma is the same process, and nothing happened to it',
      lives.after.gamma?.pid === lives.before.gamma?.pid &&
        watch.seen.every(({ service, kind }) => service !== 'gamma' || kind === 'healthy'),
    ],
    [
      'alpha was restarted once',
      watch.seen.filter(({ service, kind }) => service === 'alpha' && kind === 'restart_sent').length === 1,
    ],
    [
      'beta was restarted once',
      watch.seen.filter(({ service, kind }) => service === 'beta' && kind === 'restart_sent').length === 1,
    ],
    [`alerts for alpha arrived once each (${told('alpha')})`, told('alpha') === 'recovered, unhealthy'],
    [`alerts for beta arrived once each (${told('beta')})`, told('beta') === 'recovered, unhealthy'],
    ['no alert for gamma', told('gamma') === ''],
  ];
  console.log('');
  for (const [what, isTrue] of checks) console.log(`${isTrue ? 'yes' : 'NO '}  ${what}`);
  return checks.every(([, isTrue]) => isTrue);
}

async function endLife(port: number): Promise<void> {
  const life = await lifeOn(port);
  if (life) process.kill(life.pid, 'SIGTERM');
}

demo().then(
  (isGood) => {
    say(isGood ? 'healed and told, as it should be' : 'something is not as it should be');
    process.exit(isGood ? 0 : 1);
  },
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
