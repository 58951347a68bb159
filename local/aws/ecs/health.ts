// The health check of a local service: runs its command again and again while a task runs, as ECS does in a container.
import { type EcsServiceConfig, type HealthCheck, serviceKey } from './config.ts';
import { endsWell } from './processes.ts';
import type { LocalTask } from './record.ts';

type Examined = Readonly<{
  config: EcsServiceConfig & { healthCheck: HealthCheck };
  /** The task to be examined, if one runs. */
  task: () => LocalTask | undefined;
  note: (taskId: string, health: 'HEALTHY' | 'UNHEALTHY') => Promise<void>;
  print: (line: string) => void;
}>;

/** Examines the task until the returned function is called; that resolves when the last command has ended. */
export function examine({ config, task, note, print }: Examined): () => Promise<void> {
  const { command, intervalSeconds, timeoutSeconds, retries } = config.healthCheck;
  const { cwd, env } = config;
  let failures = { taskId: '', count: 0 };
  let isOver = false;
  let wake = () => {};

  async function once(): Promise<void> {
    const found = task();
    if (found?.lastStatus !== 'RUNNING') return;
    const isWell = await endsWell(command, { cwd, env, timeoutMs: timeoutSeconds * 1_000 });
    const before = failures.taskId === found.id ? failures.count : 0;
    failures = { taskId: found.id, count: isWell ? 0 : before + 1 };
    if (isWell) return await note(found.id, 'HEALTHY');
    if (failures.count >= retries) await note(found.id, 'UNHEALTHY');
  }

  async function keep(): Promise<void> {
    while (!isOver) {
      await once().catch((error: unknown) =>
        print(`ecs ${serviceKey(config)}: ${error instanceof Error ? error.message : 'its health check failed'}`),
      );
      if (!isOver) await nap();
    }
  }
  const nap = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalSeconds * 1_000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const kept = keep();
  return async () => {
    isOver = true;
    wake();
    await kept;
  };
}
