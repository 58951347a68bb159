// A small real service for the demo: answers /health, says since when it has been running, and can be made to hang.
import { createServer } from 'node:http';

const [port = '0'] = process.argv.slice(2);
const startedAt = Date.now();
let hangs = false;

createServer((request, response) => {
  if (request.url === '/hang') hangs = true;
  // A hanging service accepts every request and answers none.
  if (hangs && request.url !== '/hang') return;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'UP', pid: process.pid, startedAt }));
}).listen(Number(port), '127.0.0.1');
