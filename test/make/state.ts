// States for tests.
import type { Intent } from '../../lambdas/core/model/intents.ts';
import { freshState, type Incident, type Restart, type State } from '../../lambdas/core/model/state.ts';
import { ecsStep } from './service.ts';

/** The start of the tests' time, epoch ms: a whole minute. */
export const T0 = Date.UTC(2026, 0, 5, 8);

export const makeState = (change: Partial<State> = {}): State => ({ ...freshState(T0), ...change });

export const makeIncident = (change: Partial<Incident> = {}): Incident => ({
  id: 'inc-1',
  openedAt: T0,
  failureType: 'health_check_failed',
  message: 'timeout',
  alerted: ['unhealthy'],
  restarts: 0,
  ...change,
});

export const makeRestart = (change: Partial<Restart> = {}): Restart => ({
  id: 'rst-1',
  phase: 'preparing',
  mode: 'restart',
  step: { ...ecsStep, action: 'redeploy', timeoutSeconds: 900 },
  acts: [],
  actIndex: 0,
  recovery: [],
  stepIndex: 0,
  trigger: 'automatic',
  by: 'lamplighter',
  reason: 'timeout',
  force: false,
  orderedAt: T0,
  deadlineAt: T0 + 900_000,
  touchedAt: T0,
  ...change,
});

export const makeRecordIntent = (id: string, at = T0): Intent => ({
  id,
  at,
  handedAt: at,
  kind: 'record',
  record: { kind: 'healthy', level: 'info', message: 'Healthy', action: 'none' },
});
