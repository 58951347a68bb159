// A name server on loopback that answers according to how a name begins, and records its queries.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';

import { onTestFinished } from 'vitest';

const A = 1;
const AAAA = 28;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const LOOPBACK = { [A]: [127, 0, 0, 1], [AAAA]: [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] };

/**
 * `good` has an IPv4 address, `both` also IPv6, `six` IPv6 only; for `half` IPv6 is never answered; for `silent`
 * nothing is.
 */
const FAMILIES: Readonly<Record<string, readonly number[]>> = { good: [A], half: [A], both: [A, AAAA], six: [AAAA] };
const CODES: Readonly<Record<string, number>> = { missing: NXDOMAIN, broken: SERVFAIL };

/** Runs until the test is over. `asked` holds `A name` and `AAAA name`, in order. */
export async function nameServer() {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question: Buffer, from: RemoteInfo) => {
    const { name, type, end } = parse(question);
    asked.push(`${type === A ? 'A' : 'AAAA'} ${name}`);
    const [kind = ''] = name.split('-');
    if (kind === 'silent' || (kind === 'half' && type === AAAA)) return;
    const has = FAMILIES[kind]?.includes(type) ?? false;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(0x8180 | (CODES[kind] ?? 0), 2);
    header.writeUInt16BE(has ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const address = LOOPBACK[type === A ? A : AAAA]!;
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, address.length, ...address]);
    const pieces = [header, question.subarray(12, end), ...(has ? [record] : [])];
    socket.send(Buffer.concat(pieces), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const servers = new Resolver({ timeout: 300, tries: 2 });
  servers.setServers([`127.0.0.1:${socket.address().port}`]);
  return { servers, asked };
}

function parse(question: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at]!; length > 0; length = question[at]!) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: question.readUInt16BE(at + 1), end: at + 5 };
}
