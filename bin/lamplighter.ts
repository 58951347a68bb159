// The CDK app: the only `new App()`. The settings file is named by the context key `settings` (cdk.json or `-c`).
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

import { makeStacks } from '../lib/regional-stacks.ts';
import { readSettings } from '../lib/settings.ts';

const app = new App();
const file: unknown = app.node.tryGetContext('settings');
makeStacks(app, typeof file === 'string' ? readSettings(file) : undefined);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
app.synth();
