// cdk-nag with both packs: nothing is found that is not acknowledged, with its reason, beside the resource.
import { readFileSync } from 'node:fs';

import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';

import { everything, synthesize, type Synthesized } from './synthesized.ts';
import { watchOneOfEach } from './watching.ts';

const somewhere = { env: { account: '123456789012', region: 'eu-central-1' } };
const inVpc = {
  ...everything,
  network: { vpcId: 'vpc-0abc1234', subnetIds: ['subnet-0abc1234', 'subnet-0abc1235'], allowedRanges: ['10.0.0.0/8'] },
};
const jwt = { issuer: 'https://login.example.com', audience: ['lamplighter'] };

const findings = ({ app, stack }: Synthesized) =>
  [new AwsSolutionsChecks(app), new ServerlessChecks(app)]
    .flatMap((pack) => pack.validateScope(stack).violations)
    .map(({ ruleName, violatingResources }) => [
      ruleName,
      violatingResources.map(({ constructPath }) => constructPath),
    ]);

describe('cdk-nag', { timeout: 60_000 }, () => {
  it.each([
    ['without settings', {}, {}],
    ['with everything that needs no VPC', everything, {}],
    ['with tokens instead of IAM', { api: { jwt } }, {}],
    ['with passwords for people', { ...everything, api: { basic: { reservedConcurrency: 5 } } }, somewhere],
    ['in an account and region that are known', everything, somewhere],
    ['in a region of the settings, and an account that is not known', everything, { env: { region: 'us-east-1' } }],
    ['in a VPC', inVpc, somewhere],
    ['with an event bus', { alerts: { eventBus: 'ops' } }, somewhere],
  ])('finds nothing: %s', (_what, settings, props) => {
    expect(findings(synthesize(settings, props))).toEqual([]);
  });

  it('finds nothing of Lamplighter in a stack that watches services of its own', () => {
    const found = findings(synthesize({}, {}, watchOneOfEach)).flatMap(([rule, paths]) =>
      [paths ?? []].flat().map((path) => `${rule} ${path}`),
    );
    // The services themselves are careless, which shows that they were looked at.
    expect(found).not.toEqual([]);
    expect(found.filter((line) => line.includes('Test/Lamplighter/'))).toEqual([]);
  });

  it('would find something if there were something', () => {
    const synthesized = synthesize();
    new Topic(synthesized.stack, 'Careless');
    expect(findings(synthesized)).toEqual([['AwsSolutions-SNS3', ['Test/Careless/Resource']]]);
  });

  it('runs at synth too, with the same packs', () => {
    const app = readFileSync(new URL('../../bin/lamplighter.ts', import.meta.url), 'utf8');
    expect(app).toContain('addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))');
  });
});

describe('a VPC', () => {
  it('holds the second probe function alone', () => {
    const functions = synthesize(inVpc, somewhere).template.findResources('AWS::Lambda::Function') as Record<
      string,
      { Properties: { VpcConfig?: unknown } }
    >;
    const inside = Object.entries(functions).filter(([, { Properties }]) => Properties.VpcConfig);
    expect(inside.map(([id]) => id)).toEqual([expect.stringContaining('FunctionsProbePrivateFunction')]);
  });
});
