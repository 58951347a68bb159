// Which version of a document may be sent: one whose content is what this deployment published. A version never
// changes, so what was checked here is what the hosts run, whoever edits the document meanwhile. (SSM's own
// DocumentHash would need another call and right, and covers a text that only SSM knows.)
import { createHash } from 'node:crypto';

import { GetDocumentCommand, type SSMClient } from '@aws-sdk/client-ssm';

import { canonicalJson } from '../contract/canonical-json.ts';
import { documentAnswer } from './ssm-answers.ts';

/** A document that restarts name, and the SHA-256 (hex) over the canonical JSON of the content that was published. */
export type PublishedDocument = Readonly<{ name: string; hash: string }>;
export type Pin = { kind: 'pinned'; version: string } | { kind: 'refused'; reason: string };

/**
 * CloudFormation publishes the newest version and should make it the default (no version), but this has been seen to
 * fail.
 */
const CANDIDATES = ['$LATEST', undefined];

/** The version to send; `refused` says which document and version differ, and what to do. */
export async function pinDocument(
  client: SSMClient,
  { name, hash }: PublishedDocument,
  signal: AbortSignal,
): Promise<Pin> {
  const refused = (what: string, more = ''): Pin => ({
    kind: 'refused',
    reason: `the document ${name} ${what}: nothing is sent; \`cdk deploy\` puts it right${more}`,
  });
  const others: string[] = [];
  for (const DocumentVersion of CANDIDATES) {
    try {
      const command = new GetDocumentCommand({ Name: name, DocumentVersion, DocumentFormat: 'JSON' });
      const document = documentAnswer.parse(await client.send(command, { abortSignal: signal }));
      if (hashOf(document.Content) === hash) return { kind: 'pinned', version: document.DocumentVersion };
      others.push(document.DocumentVersion);
    } catch (error) {
      if (error instanceof Error && error.name === 'InvalidDocument') return refused('is not there');
      throw error;
    }
  }
  const versions = [...new Set(others)].join(' and ');
  return refused(
    `in version ${versions} is not what this deployment published`,
    `, unless somebody else made version ${others[0]}: then delete that version`,
  );
}

/** Undefined if it is not JSON. */
function hashOf(content: string): string | undefined {
  try {
    return createHash('sha256')
      .update(canonicalJson(JSON.parse(content)))
      .digest('hex');
  } catch {
    return undefined;
  }
}
