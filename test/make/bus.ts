// A record of the timeline that reports a state change, as the documentation shows it.
import type { Intent } from '../../lambdas/core/model/intents.ts';
import { T0 } from './state.ts';

export type Recorded = Extract<Intent, { kind: 'record' }>;

export const outageRecord: Recorded = {
  ...{ id: 'i000012', at: T0, handedAt: T0, kind: 'record' },
  record: {
    kind: 'unhealthy',
    level: 'error',
    message: 'the connection was refused: nothing listens on the port',
    action: 'none',
  },
  change: {
    ...{ from: 'healthy', to: 'unhealthy', incidentId: 'inc-1' },
    restart: { id: 'rst-1', status: 'preparing', mode: 'restart', trigger: 'automatic' },
  },
};
