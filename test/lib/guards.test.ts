// What a deployment's settings make of the guards of healing: the variables that the functions are handed, and who gets them.
import { describe, expect, it } from 'vitest';

import { readEnv } from '../../lambdas/runtime/read-env.ts';
import { everything, nameOf, resourcesOf, shown, synthesize, type Synthesized } from './synthesized.ts';

const byDefault = synthesize(everything);
const storm = { share: 0.5, least: 7, cooldownSeconds: 300 };
const chosen = synthesize({
  ...everything,
  restart: { ...everything.restart, storm, maxAtOnce: 9 },
  ecsState: { clusters: ['prod'] },
});

/** Of each function of the stack that is handed this variable, what it is. */
function handed(of: Synthesized, name: string): Record<string, string> {
  const functions = resourcesOf(of, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const { Environment } = Properties as unknown as { Environment?: { Variables: Record<string, unknown> } };
    const value = Environment?.Variables[name];
    return value === undefined ? [] : [[nameOf(id).replace(/^<Functions|Function>$/g, ''), shown(value)] as const];
  });
  return Object.fromEntries(functions);
}
const toEach = (names: readonly string[], value: string) => Object.fromEntries(names.map((name) => [name, value]));

describe('the storm guard of a deployment', () => {
  it('is handed to whoever looks and whoever restarts, with its defaults', () => {
    const rules = JSON.stringify({ share: 0.3, least: 5, cooldownSeconds: 120 });
    expect(handed(byDefault, 'LAMPLIGHTER_STORM')).toEqual(toEach(['Probe', 'Restart'], rules));
  });

  it('is as the settings say, for the prober of ECS as well', () => {
    expect(handed(chosen, 'LAMPLIGHTER_STORM')).toEqual(
      toEach(['Probe', 'ProbeEcs', 'Restart'], JSON.stringify(storm)),
    );
  });

  it('is what the functions read', () => {
    const { LAMPLIGHTER_STORM, LAMPLIGHTER_MAX_RESTARTS } = readEnv(['LAMPLIGHTER_STORM', 'LAMPLIGHTER_MAX_RESTARTS'], {
      LAMPLIGHTER_STORM: handed(chosen, 'LAMPLIGHTER_STORM')['Restart'],
      LAMPLIGHTER_MAX_RESTARTS: handed(chosen, 'LAMPLIGHTER_MAX_RESTARTS')['Restart'],
    });
    expect(LAMPLIGHTER_STORM).toEqual({ share: 0.5, least: 7, cooldownMs: 300_000 });
    expect(LAMPLIGHTER_MAX_RESTARTS).toBe(9);
  });
});

describe('the slots of a deployment', () => {
  it('are handed to whoever restarts and whoever shows them', () => {
    expect(handed(byDefault, 'LAMPLIGHTER_MAX_RESTARTS')).toEqual(toEach(['Restart', 'Api'], '5'));
    expect(handed(chosen, 'LAMPLIGHTER_MAX_RESTARTS')).toEqual(toEach(['Restart', 'Api'], '9'));
  });
});

describe('what ECS says of its tasks', () => {
  it('is known to who takes registrations, and asked by the prober of ECS alone', () => {
    expect(new Set(Object.values(handed(byDefault, 'LAMPLIGHTER_ECS_STATE')))).toEqual(new Set(['no']));
    const said = handed(chosen, 'LAMPLIGHTER_ECS_STATE');
    expect(said).toMatchObject({ ProbeEcs: 'yes', Probe: 'no', Api: 'yes' });
  });
});
