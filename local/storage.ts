// What must survive the death of the one-machine process: queues, deployments, commands, subscriptions. LevelDB's log
// keeps every finished write through a SIGKILL.
import { ClassicLevel } from 'classic-level';
import type * as z from 'zod';

/** A named set of JSON values, decoded by its schema when read. Keys sort as text. */
export type Collection<T> = Readonly<{
  get(key: string): Promise<T | undefined>;
  put(key: string, value: T): Promise<void>;
  remove(key: string): Promise<void>;
  all(): Promise<readonly (readonly [key: string, value: T])[]>;
}>;

export type Storage = Readonly<{
  collection<T>(name: string, schema: z.ZodType<T>): Collection<T>;
  close(): Promise<void>;
}>;

/** Another process has the folder open; the two would overwrite each other's work. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

/** Opens or creates the store in `folder`; rejects with `FolderInUseError` if another process holds it. */
export async function openStorage(folder: string): Promise<Storage> {
  const level = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
  await level.open().catch((error: unknown) => {
    throw isLocked(error) ? new FolderInUseError(`${folder} is in use`, { cause: error }) : error;
  });
  return {
    collection(name, schema) {
      const part = level.sublevel<string, unknown>(name, { valueEncoding: 'json' });
      return {
        async get(key) {
          const value = await part.get(key);
          return value === undefined ? undefined : schema.parse(value);
        },
        put: (key, value) => part.put(key, value),
        remove: (key) => part.del(key),
        async all() {
          const entries = await part.iterator().all();
          return entries.map(([key, value]) => [key, schema.parse(value)] as const);
        },
      };
    },
    close: () => level.close(),
  };
}

/** The engine says so in the cause of an error, which itself only says that the store did not open. */
const isLocked = (error: unknown) =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'LEVEL_LOCKED';
