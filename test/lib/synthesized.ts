// The stack as CloudFormation would get it, with the flags of cdk.json and without bundling.
import { readFileSync } from 'node:fs';

import { App, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

import type { LamplighterProps } from '../../lib/lamplighter.ts';
import { LamplighterStack } from '../../lib/lamplighter-stack.ts';
import type { SettingsInput } from '../../lib/settings.ts';

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

export type Resource = Readonly<{
  Type: string;
  Properties: Record<string, never>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}>;
export type Synthesized = Readonly<{ app: App; stack: LamplighterStack; template: Template }>;

/** Everything that can be switched on without a VPC. */
export const everything = {
  alerts: {
    email: [{ address: 'team@example.com' }, { address: 'boss@example.com', levels: ['error', 'critical'] }],
    sms: [{ number: '+4915112345678' }],
    https: [{ url: 'https://hooks.example.com/lamplighter', levels: ['critical'] }],
  },
  operators: { email: ['ops@example.com'] },
  restart: { clusters: ['prod'], instances: true },
} as const satisfies object;

const newApp = () => new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });

export function synthesize(
  settings: unknown = {},
  props: StackProps & Omit<LamplighterProps, 'settings'> = {},
  /** What else is put into the stack. */
  furnish: (stack: LamplighterStack) => void = () => undefined,
): Synthesized {
  const app = newApp();
  const stack = new LamplighterStack(app, 'Test', { ...props, settings: settings as SettingsInput });
  furnish(stack);
  return { app, stack, template: Template.fromStack(stack) };
}

export function resourcesOf({ template }: Synthesized, type: string): [string, Resource][] {
  return Object.entries((template.toJSON() as { Resources: Record<string, Resource> }).Resources).filter(
    ([, resource]) => resource.Type === type,
  );
}

/** Intrinsic functions as people read them: `<ProbeQueue>` for a resource of the stack, ACCOUNT and REGION for those. */
export function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return PSEUDO[Ref] ?? nameOf(Ref);
  if (Array.isArray(attribute)) return nameOf(String(attribute[0]));
  if (Array.isArray(join)) return (join[1] as unknown[]).map(shown).join(String(join[0]));
  return JSON.stringify(value);
}
const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'REGION',
  'AWS::AccountId': 'ACCOUNT',
};
/** `LamplighterProbeQueueABD0C0A3` → `<ProbeQueue>` */
export const nameOf = (logicalId: string) => `<${logicalId.replace(/^Lamplighter/, '').replace(/[0-9A-F]{8}$/, '')}>`;

/** One or many, as CloudFormation has it, as a list. */
export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

type Statement = Readonly<{
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}>;
export type PolicyDocument = Readonly<{ Statement: readonly Statement[] }>;

/** Every right of every role: the role's name, and `action resource` lines with their conditions, in order. */
export function rightsByRole(synthesized: Synthesized): Record<string, string[]> {
  const rights: Record<string, string[]> = {};
  for (const [id] of resourcesOf(synthesized, 'AWS::IAM::Role')) rights[nameOf(id)] = [];
  for (const [, { Properties }] of resourcesOf(synthesized, 'AWS::IAM::Policy')) {
    const { Roles, PolicyDocument } = Properties as unknown as { Roles: unknown[]; PolicyDocument: PolicyDocument };
    for (const role of Roles) (rights[shown(role)] ??= []).push(...PolicyDocument.Statement.flatMap(linesOf));
  }
  for (const lines of Object.values(rights)) lines.sort();
  return rights;
}

function linesOf({ Effect, Action, Resource, Condition }: Statement): string[] {
  const conditions = Object.entries(Condition ?? {}).flatMap(([operator, tests]) =>
    Object.entries(tests).map(([key, wanted]) => ` if ${operator} ${key} = ${shown(wanted)}`),
  );
  const deny = Effect === 'Allow' ? '' : `${Effect} `;
  return listOf(Action).flatMap((action) =>
    listOf(Resource).map((resource) => `${deny}${action} ${shown(resource)}${conditions.sort().join('')}`),
  );
}
