// A stack that holds nothing but Lamplighter.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { Lamplighter, type LamplighterProps } from './lamplighter.ts';

export class LamplighterStack extends Stack {
  readonly lamplighter: Lamplighter;

  constructor(scope: Construct, id: string, { settings, probeVpc, ...stack }: StackProps & LamplighterProps = {}) {
    super(scope, id, stack);
    this.lamplighter = new Lamplighter(this, 'Lamplighter', {
      ...(settings && { settings }),
      ...(probeVpc && { probeVpc }),
    });
  }
}
