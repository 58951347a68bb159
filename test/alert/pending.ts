// Intents of one service that wait to be told.
import type { AlertBody, AlertKind, Intent } from '../../lambdas/core/model/intents.ts';
import type { RecordKind } from '../../lambdas/core/model/timeline.ts';
import { START } from '../fakes/fake-clock.ts';

export const key = { tenant: 'default', id: 'billing' };
export const common = { at: START, handedAt: START };
export const alert = (id: string, kind: AlertKind, level: AlertBody['level'] = 'error'): Intent => ({
  ...{ ...common, id, kind: 'alert' },
  alert: {
    ...{ kind, level, incidentId: 'inc-1', deduplicationKey: `inc-1:${kind}`, message: 'it is down' },
    ...{ detectedAt: START, restarts: 0 },
  },
});
export const record = (id: string, kind: RecordKind, from?: 'healthy' | 'unhealthy'): Intent => ({
  ...{ ...common, id, kind: 'record', record: { kind, level: 'error', message: 'it is down', action: 'none' } },
  ...(from && { change: { from, to: from === 'healthy' ? 'unhealthy' : 'healthy' } }),
});
