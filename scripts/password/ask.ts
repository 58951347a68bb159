// Asks for a password: on a terminal twice and without echo, otherwise it reads the first line of the input.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** The person gave up, or entered something that cannot be used. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** Questions go to standard error, so that what the program prints can be sent into a file. */
export async function askPassword(user: string): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  // readline echoes to its output, which here goes nowhere. On a terminal it reads key by key, and the system echoes
  // nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal, historySize: 0 });
  lines.once('SIGINT', () => lines.close());
  const answers = lines[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    if (isTerminal) process.stderr.write(question);
    const answer = await answers.next();
    if (isTerminal) process.stderr.write('\n');
    if (answer.done) throw new GivenUp('no password was given');
    return answer.value;
  };
  try {
    const first = await ask(`Password for ${user}: `);
    if (isTerminal && (await ask('Once more: ')) !== first) throw new GivenUp('these were two different passwords');
    return first;
  } finally {
    lines.close();
  }
}
