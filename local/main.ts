// `npm start`: Lamplighter on this machine, until Ctrl-C.
import { fileURLToPath } from 'node:url';

import { type Cloud, startCloud } from './cloud.ts';
import { readSettings, SettingsError } from './settings.ts';

const report = (error: unknown) => console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);

/** Something to look at and to break, for whoever has no settings yet. */
const exampleFile = fileURLToPath(new URL('../docs/examples/one-machine.yaml', import.meta.url));

async function main(): Promise<void> {
  const settings = readSettings({ LAMPLIGHTER_CONFIG: exampleFile, ...process.env });
  const cloud = await startCloud({ settings, print: (text) => console.log(text), onError: report });
  cloud.startRounds();
  console.log(welcome(cloud, settings.dataDir));
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // The second one does not wait.
      if (isStopping) process.exit(130);
      isStopping = true;
      console.log('\nStopping; once more to stop at once.');
      cloud.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          report(error);
          process.exit(1);
        },
      );
    });
}

const welcome = ({ apiUrl, awsUrl, topicArn }: Cloud, dataDir: string) => `
Lamplighter is running on this machine.

  API              ${apiUrl}        (try: curl ${apiUrl}/health)
  OpenAPI          ${apiUrl}/openapi.json
  Alert topic      ${topicArn}
  AWS endpoints    ${awsUrl}        DynamoDB, SQS, SNS, ECS and SSM, for your AWS CLI or SDK:
                   AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1 \\
                     aws --endpoint-url ${awsUrl} ssm describe-instance-information
  Settings         ${process.env['LAMPLIGHTER_CONFIG'] ?? `${exampleFile} (name your own with LAMPLIGHTER_CONFIG)`}
  Data             ${dataDir}

Ctrl-C stops it, and the local services that it started.`;

main().catch((error: unknown) => {
  if (error instanceof SettingsError) console.error(error.message);
  else if (isAddressInUse(error))
    console.error(`${error.message}\nAnother one is running? Choose another port with LAMPLIGHTER_PORT.`);
  else report(error);
  process.exit(1);
});

const isAddressInUse = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
