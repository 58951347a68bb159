// The CDK app: the only `new App()`. No logic here.
import { App } from 'aws-cdk-lib';

import { LamplighterStack } from '../lib/lamplighter-stack.ts';

const app = new App();
new LamplighterStack(app, 'Lamplighter', { description: 'Lamplighter: watches services, restarts them, tells people' });
app.synth();
