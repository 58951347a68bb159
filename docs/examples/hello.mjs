// A small service to break: answers /health, and dies on POST /crash.
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? 4690);

createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/crash') {
    response.end('dying\n', () => process.exit(1));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ status: 'UP', pid: process.pid })}\n`);
}).listen(port, '127.0.0.1');
