// The names that this machine's hosts file gives addresses to. They go before any name server's answer.
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** The addresses written down for a name (lower case, without the root's dot), or undefined when it has none. */
export type HostsTable = (name: string) => readonly string[] | undefined;
type Table = ReadonlyMap<string, readonly string[]>;

/** An edit is noticed after at most this long. */
const CHECK_MS = 30_000;

/**
 * Reads the file when first asked, and again when its modification time has changed. It is read synchronously on
 * purpose: the thread pool that other ways of reading need may be full of look-ups that nobody answers. A file that
 * cannot be read holds no names.
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
    // `fe80::1%lo0` is tied to an interface of this machine, and no service's address.
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
