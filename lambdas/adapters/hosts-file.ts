// The names in this machine's hosts file. They take precedence over any name server's answer.
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** The addresses for a name (lower case, without the root's dot), or undefined if it has none. */
export type HostsTable = (name: string) => readonly string[] | undefined;
type Table = ReadonlyMap<string, readonly string[]>;

/** How long an edit may go unnoticed. */
const CHECK_MS = 30_000;

/**
 * Reads the file at the first lookup, and again when its modification time has changed. It is read synchronously on
 * purpose: the thread pool that the asynchronous ways need may be full of lookups that nobody answers. A file that
 * cannot be read counts as empty.
 */
export function hostsFile(path = '/etc/hosts', now: () => number = Date.now): HostsTable {
  let checkedAt = -Infinity;
  let modifiedAt: number | undefined;
  let table: Table = new Map();
  return (name) => {
    if (Math.abs(now() - checkedAt) >= CHECK_MS) {
      checkedAt = now();
      const found = modificationOf(path);
      if (found !== modifiedAt) table = readTable(path);
      modifiedAt = found;
    }
    return table.get(name);
  };
}

function modificationOf(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

function readTable(path: string): Table {
  const table = new Map<string, string[]>();
  for (const line of readText(path).split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
    // `fe80::1%lo0` is bound to an interface of this machine, and is no service's address.
    if (!isIP(address) || address.includes('%')) continue;
    for (const name of names) table.set(name, [...(table.get(name) ?? []), address]);
  }
  return table;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
