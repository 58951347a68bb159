// The CDK app: the only `new App()`. The settings file is named by the context key `settings` (cdk.json or `-c`).
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

import { LamplighterStack } from '../lib/lamplighter-stack.ts';
import { readSettings } from '../lib/settings.ts';

const app = new App();
const file: unknown = app.node.tryGetContext('settings');
new LamplighterStack(app, 'Lamplighter', {
  description: 'Lamplighter: watches services, restarts them, tells people',
  ...(typeof file === 'string' && { settings: readSettings(file) }),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
app.synth();
