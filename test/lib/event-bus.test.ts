// An event bus in the settings: one right on one bus, one variable, and nothing else; without it, nothing at all.
import { expect, it } from 'vitest';

import { functionEnv } from '../../lambdas/contract/env.ts';
import { readEnv } from '../../lambdas/runtime/read-env.ts';
import { everything, nameOf, resourcesOf, rightsByRole, shown, synthesize, type Synthesized } from './synthesized.ts';

const foreign = 'arn:aws:events:eu-central-1:111122223333:event-bus/ops';
const withBus = (eventBus: string) => synthesize({ alerts: { eventBus } });
const bare = synthesize();

/** The right and the variable of every function that has one. */
function handed(of: Synthesized) {
  const rights = Object.entries(rightsByRole(of)).flatMap(([role, lines]) =>
    lines.filter((line) => line.startsWith('events:')).map((line) => `${role} ${line}`),
  );
  const variables = resourcesOf(of, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const { Environment } = Properties as unknown as { Environment?: { Variables: Record<string, unknown> } };
    const bus = Environment?.Variables['LAMPLIGHTER_EVENT_BUS'];
    return bus === undefined ? [] : [`${nameOf(id)} ${shown(bus)}`];
  });
  return { rights, variables };
}

it.each([
  ['default', 'arn:aws:events:REGION:ACCOUNT:event-bus/default'],
  ['ops.v1', 'arn:aws:events:REGION:ACCOUNT:event-bus/ops.v1'],
  [foreign, foreign],
])('is one right and one variable of the alert function: %s', (bus, arn) => {
  expect(handed(withBus(bus))).toEqual({
    rights: [`<FunctionsAlertRole> events:PutEvents ${arn}`],
    variables: [`<FunctionsAlertFunction> ${bus}`],
  });
});

it('adds no other right, resource or alarm', () => {
  const set = withBus('default');
  const others = Object.fromEntries(
    Object.entries(rightsByRole(set)).map(([role, lines]) => [role, lines.filter((line) => !/^events:/.test(line))]),
  );
  expect(others).toEqual(rightsByRole(bare));
  const kindsOf = ({ template }: Synthesized) =>
    Object.values((template.toJSON() as { Resources: Record<string, { Type: string }> }).Resources).map(
      ({ Type }) => Type,
    );
  expect(kindsOf(set).sort()).toEqual(kindsOf(bare).sort());
});

it('is no right, and an empty variable, where the settings name none', () => {
  for (const stack of [bare, synthesize(everything)])
    expect(handed(stack)).toEqual({ rights: [], variables: ['<FunctionsAlertFunction> '] });
});

it.each(['default', foreign])('is what the function reads: %s', (bus) => {
  const [, alert] = resourcesOf(withBus(bus), 'AWS::Lambda::Function').find(([id]) => id.includes('FunctionsAlert'))!;
  const { Variables } = (alert.Properties as unknown as { Environment: { Variables: Record<string, unknown> } })
    .Environment;
  const texts = Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, shown(value)]));
  const urls = { LAMPLIGHTER_TOPIC_ARN: 'arn:t', LAMPLIGHTER_ALERT_QUEUE_URL: 'https://q', LAMPLIGHTER_API_URL: '' };
  expect(readEnv(functionEnv.alert, { ...texts, ...urls }).LAMPLIGHTER_EVENT_BUS).toBe(bus);
});
