// Who asked for what, by service and for the fleet, deleted by time to live. Entries stay when the service is removed.
import { PutCommand } from '@aws-sdk/lib-dynamodb';

import { keys } from '../contract/table.ts';
import { ASKED, auditRecordSchema } from '../core/model/audit.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import type { AuditLog } from '../ports/timeline.ts';
import { conditionally, request, type Table } from './dynamo-client.ts';
import { newestFirst } from './dynamo-history.ts';

const nameOf = (subject: Partial<ServiceKey> | undefined) => subject?.id ?? 'the fleet';
const partitionOf = (subject: Partial<ServiceKey> | undefined) =>
  subject?.tenant !== undefined && subject.id !== undefined ? keys.audit(subject.tenant, subject.id) : keys.fleetAudit;

export function createDynamoAuditLog(table: Table, retentionMs: number): AuditLog {
  const { client, name: TableName } = table;
  return {
    async write(entry, abortSignal) {
      const Item = {
        ...entry,
        pk: partitionOf(entry),
        sk: keys.auditEntry(entry.at, entry.entryId),
        ttl: Math.floor((entry.at + retentionMs) / 1000),
      };
      if (entry.outcome !== ASKED)
        await request(nameOf(entry), () => client.send(new PutCommand({ TableName, Item }), { abortSignal }));
      else
        await conditionally(nameOf(entry), () =>
          client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }), {
            abortSignal,
          }),
        );
    },

    async entries(subject, { limit, before }, signal) {
      const stretch = {
        pk: partitionOf(subject),
        from: keys.auditEntry(0),
        before: before ? keys.auditEntry(before.at, before.id) : '~',
        limit,
      };
      const items = await newestFirst(table, nameOf(subject), stretch, signal);
      return items.map((item) => auditRecordSchema.parse(item));
    },
  };
}
