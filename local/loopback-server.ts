// Opening and closing a server of one-machine mode.
import type { Server } from 'node:http';

/** Binds to loopback only, since nothing here checks who is calling; returns the URL. Rejects if the port is taken. */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server without a port');
  return `http://127.0.0.1:${address.port}`;
}

/** Cuts off all open connections. */
export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
