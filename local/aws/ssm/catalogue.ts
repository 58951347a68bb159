// What the local SSM reports about itself: its instances and its documents.
import { createHash } from 'node:crypto';

import type { JsonService } from '../wire.ts';
import type { LocalInstance } from './config.ts';
import { documentOf, type LocalDocument, platformsOf } from './documents.ts';
import { decode, inputs, pageOf } from './inputs.ts';

export function catalogueOperations(
  instances: readonly LocalInstance[],
  documents: ReadonlyMap<string, LocalDocument>,
  now: () => number,
): JsonService['operations'] {
  function asked(input: unknown): LocalDocument {
    const { Name, DocumentVersion } = decode(inputs.document, input);
    return documentOf(documents, Name, DocumentVersion);
  }

  return {
    DescribeInstanceInformation(input) {
      const { Filters, ...page } = decode(inputs.instances, input);
      const found = instances.filter((instance) =>
        Filters.every(({ Key, Values }) => Values.includes(Key === 'InstanceIds' ? instance.id : instance.pingStatus)),
      );
      const { items, NextToken } = pageOf(found, page);
      return {
        InstanceInformationList: items.map(({ id, platform, pingStatus, agentVersion }) => ({
          InstanceId: id,
          PingStatus: pingStatus,
          LastPingDateTime: now() / 1_000,
          AgentVersion: agentVersion,
          PlatformType: platform,
          ResourceType: id.startsWith('mi-') ? 'ManagedInstance' : 'EC2Instance',
        })),
        NextToken,
      };
    },
    GetDocument(input) {
      const document = asked(input);
      return { ...identifierOf(document), Content: JSON.stringify(document.content), Status: 'Active' };
    },
    DescribeDocument(input) {
      const document = asked(input);
      const parameters = Object.entries(document.content.parameters);
      return {
        Document: {
          ...identifierOf(document),
          Status: 'Active',
          Description: document.content.description,
          Hash: createHash('sha256').update(JSON.stringify(document.content)).digest('hex'),
          HashType: 'Sha256',
          Parameters: parameters.map(([Name, parameter]) => ({
            Name,
            Type: parameter.type,
            Description: parameter.description,
            DefaultValue: parameter.default === undefined ? undefined : String(parameter.default),
          })),
        },
      };
    },
    ListDocuments(input) {
      const { items, NextToken } = pageOf([...documents.values()], decode(inputs.documents, input));
      return { DocumentIdentifiers: items.map(identifierOf), NextToken };
    },
  };
}

const identifierOf = (document: LocalDocument) => ({
  Name: document.name,
  DocumentType: 'Command',
  DocumentVersion: '1',
  DocumentFormat: 'JSON',
  SchemaVersion: document.content.schemaVersion,
  PlatformTypes: platformsOf(document),
});
