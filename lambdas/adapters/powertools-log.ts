// The log: Powertools' JSON lines, with the correlation id of the round or request. State changes are logged, not every
// check. Errors are written with name and message; the details never hold a header or a secret.
import { Logger } from '@aws-lambda-powertools/logger';

import type { Log } from '../ports/process.ts';

export function createPowertoolsLog(serviceName: string): Log {
  const logger = new Logger({ serviceName });
  return {
    info: (message, details) => logger.info(message, { ...details }),
    warn: (message, details) => logger.warn(message, { ...details }),
    error: (message, details) => logger.error(message, { ...details }),
  };
}
