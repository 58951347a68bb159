// The stack, wired in data-flow order. So far it holds what one-machine mode shares with the cloud: the table and the
// restart documents; functions, queues, topics and API follow with `cdk deploy`.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { RestartDocuments } from './restart-documents.ts';
import { ServiceTable } from './service-table.ts';

export class LamplighterStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    new ServiceTable(this, 'ServiceTable');
    new RestartDocuments(this, 'RestartDocuments');
  }
}
