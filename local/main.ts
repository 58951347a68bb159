// `npm start`: Lamplighter on this machine, until Ctrl-C.
import { fileURLToPath } from 'node:url';

import { type Cloud, startCloud } from './cloud.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';
import { FolderInUseError } from './storage.ts';

const report = (error: unknown) => console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);

/** Services to look at and to break, for people without settings of their own. */
const exampleFile = fileURLToPath(new URL('../docs/examples/one-machine.yaml', import.meta.url));

async function main(): Promise<void> {
  const settings = readSettings({ LAMPLIGHTER_CONFIG: exampleFile, ...process.env });
  const cloud = await startCloud({ settings, print: (text) => console.log(text), onError: report }).catch(
    (error: unknown) => {
      throw explain(error, settings);
    },
  );
  cloud.startRounds();
  // Before the line that says how to stop it.
  stopOnSignal(cloud);
  console.log(welcome(cloud, settings.dataDir));
}

function stopOnSignal(cloud: Cloud): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      // The second signal does not wait.
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
                   AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\
                   AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 \\
                     aws --endpoint-url ${awsUrl} ssm describe-instance-information
  Settings         ${process.env['LAMPLIGHTER_CONFIG'] ?? `${exampleFile} (name your own with LAMPLIGHTER_CONFIG)`}
  Data             ${dataDir}

Ctrl-C stops it, and the local services that it started.`;

/** The message for the person whose start failed, with the way out if there is one. */
function explain(error: unknown, { port, awsPort, dataDir }: Settings): unknown {
  if (error instanceof FolderInUseError)
    return new StartError(
      `Another Lamplighter is using the data folder ${dataDir}.\n` +
        'Stop it, or give this one a folder and ports of its own with LAMPLIGHTER_DATA_DIR and LAMPLIGHTER_PORT.',
    );
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) return error;
  const isAwsPort = 'port' in error && error.port === awsPort && awsPort !== port;
  const name = isAwsPort ? 'LAMPLIGHTER_AWS_PORT' : 'LAMPLIGHTER_PORT';
  return new StartError(`${error.message}\nAnother one is running? Choose another port with ${name}.`);
}

/** Its message says everything; its name would only be noise. */
class StartError extends Error {}

main().catch((error: unknown) => {
  if (error instanceof SettingsError || error instanceof StartError) console.error(error.message);
  else report(error);
  process.exit(1);
});
