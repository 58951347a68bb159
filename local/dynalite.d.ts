// The part of dynalite, the embedded DynamoDB engine, that one-machine mode and the tests use.
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export default function dynalite(options?: {
    /** A folder; in memory when left out. */
    path?: string;
    createTableMs?: number;
    updateTableMs?: number;
    deleteTableMs?: number;
  }): Server;
}
