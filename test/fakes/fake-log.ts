// A log that keeps its lines.
import type { Log } from '../../lambdas/ports/process.ts';

export type LogLine = { level: keyof Log; message: string; details: Readonly<Record<string, unknown>> };

export function fakeLog(): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log): Log['info'] =>
    (message, details = {}) =>
      void lines.push({ level, message, details });
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
