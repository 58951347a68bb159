// The SSM Command documents that a restart may name. Typed parameters with patterns are all that stands between an API
// credential and a shell.
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';

import { standardDocuments } from './documents.ts';

export class RestartDocuments extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const { name, targetType, content } of standardDocuments)
      new CfnDocument(this, name.replace('Lamplighter-', ''), {
        name,
        content,
        targetType,
        documentType: 'Command',
        documentFormat: 'JSON',
        updateMethod: 'NewVersion',
      });
  }
}
