// The handlers of Lamplighter's functions, called as Lambda calls them.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

import type { FunctionName } from '../lambdas/contract/env.ts';
import { functionTimeoutSeconds } from '../lambdas/contract/limits.ts';
import { lambdaContext } from './lambda-context.ts';
import type { QueueName } from './queue-limits.ts';

const contextOf = (name: FunctionName) => lambdaContext(name, functionTimeoutSeconds[name]);

/** Loads the handlers; call it after the environment is complete, as Lambda does. */
export async function loadFunctions() {
  const [schedule, probe, restart, alert, api, discover, rollup] = await Promise.all([
    import('../lambdas/schedule/handler.ts'),
    import('../lambdas/probe/handler.ts'),
    import('../lambdas/restart/handler.ts'),
    import('../lambdas/alert/handler.ts'),
    import('../lambdas/api/handler.ts'),
    import('../lambdas/discover/handler.ts'),
    import('../lambdas/rollup/handler.ts'),
  ]);
  const worker =
    (name: QueueName, handler: typeof probe.handler) =>
    (event: SQSEvent): Promise<SQSBatchResponse> =>
      handler(event, contextOf(name));
  return {
    schedule: (scheduledTime: string) => schedule.handler({ scheduledTime }, contextOf('schedule')),
    probe: worker('probe', probe.handler),
    restart: worker('restart', restart.handler),
    alert: worker('alert', alert.handler),
    rollup: () => rollup.handler({}, contextOf('rollup')),
    discover: () => discover.handler({}, contextOf('discover')),
    api: (event: Parameters<typeof api.handler>[0]) => api.handler(event, contextOf('api')),
  };
}
