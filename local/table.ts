// The table of one-machine mode: created if it does not exist, and swept, because the embedded engine has no time to
// live.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** Creates the table; one that exists already counts as success. */
export async function ensureTable(TableName: string): Promise<void> {
  const client = new DynamoDBClient({});
  try {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceInUseException')) throw error;
  } finally {
    client.destroy();
  }
}

const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** Deletes what DynamoDB's time to live would have deleted; returns how many items that were. */
export async function sweepExpired(TableName: string, now: number): Promise<number> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  let swept = 0;
  const pages = paginateScan(
    { client },
    {
      TableName,
      FilterExpression: '#ttl < :now',
      ProjectionExpression: 'pk, sk',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':now': Math.floor(now / 1000) },
    },
  );
  for await (const { Items = [] } of pages) {
    const keys = Items.map((item) => keySchema.parse(item));
    for (let from = 0; from < keys.length; from += 25) {
      const requests = keys.slice(from, from + 25).map((Key) => ({ DeleteRequest: { Key } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }));
    }
    swept += keys.length;
  }
  client.destroy();
  return swept;
}
