// The only way to the table: a document client with short timeouts, and the error for all its faults.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type Table = Readonly<{ client: DynamoDBDocumentClient; name: string }>;

/** Reads region, credentials and endpoint from the environment, as every SDK client does. */
export function openTable(name: string, client = new DynamoDBClient({ maxAttempts: 4 })): Table {
  return { name, client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }) };
}

/**
 * The table could not be read or written; `subject` names what was concerned. The invocation fails and its work comes
 * again.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly subject: string;
  constructor(subject: string, cause: unknown) {
    super(`the table failed for ${subject}: ${cause instanceof Error ? cause.name : 'unknown fault'}`, { cause });
    this.subject = subject;
  }
}

/** Runs one request; every failure except a failed condition becomes a `StoreError`. */
export async function request<T>(subject: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new StoreError(subject, error);
  }
}

/** Runs one conditional write: `false` if its condition did not hold. */
export async function conditionally(subject: string, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw new StoreError(subject, error);
  }
}

/** Every item of a query, page after page. */
export async function allPages(
  subject: string,
  page: (startKey: Record<string, unknown> | undefined) => Promise<{
    Items?: Record<string, unknown>[] | undefined;
    LastEvaluatedKey?: Record<string, unknown> | undefined;
  }>,
): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let startKey: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await request(subject, () => page(startKey));
    items.push(...Items);
    startKey = LastEvaluatedKey;
  } while (startKey !== undefined);
  return items;
}
