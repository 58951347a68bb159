// A deliberate bug: a small patch of one file of the production code, to prove that the simulation finds it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Mutation = Readonly<{
  /** The bug in words; unique. */
  bug: string;
  /** Relative to the root of the repository. */
  file: string;
  /** Occurs exactly once in the file, so that nothing else is changed. */
  from: string;
  to: string;
}>;

/**
 * The file with the bug in it. Throws if the code has changed and the bug no longer fits: then it would prove nothing.
 */
export function mutated({ bug, file, from, to }: Mutation, root: string): string {
  const parts = readFileSync(join(root, file), 'utf8').split(from);
  if (parts.length !== 2)
    throw new Error(`"${bug}" does not fit: ${file} holds its text ${parts.length - 1} times: ${from}`);
  return parts.join(to);
}

/** Patches the file below `root`. */
export const applyMutation = (mutation: Mutation, root: string): void =>
  writeFileSync(join(root, mutation.file), mutated(mutation, root));
