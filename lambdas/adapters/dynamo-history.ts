// Reads a history from the table: the newest entries of one partition, newest first.
import { QueryCommand } from '@aws-sdk/lib-dynamodb';

import { request, type Table } from './dynamo-client.ts';

/** Sort keys from `from` (included) to `before` (excluded). */
type Stretch = Readonly<{ pk: string; from: string; before: string; limit: number }>;

/** The newest `limit` items of a range; fewer only if there are no more, whatever their size. */
export async function newestFirst(
  { client, name: TableName }: Table,
  subject: string,
  { pk, from, before, limit }: Stretch,
  abortSignal: AbortSignal,
): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await request(subject, () =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :before',
          ExpressionAttributeValues: { ':pk': pk, ':from': from, ':before': before },
          ScanIndexForward: false,
          // BETWEEN includes its end, so one more is read.
          Limit: limit - found.length + 1,
          ExclusiveStartKey,
        }),
        { abortSignal },
      ),
    );
    found.push(...Items.filter(({ sk }) => sk !== before));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined && found.length < limit);
  return found.slice(0, limit);
}
