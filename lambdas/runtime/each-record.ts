// A queue's batch: every record for itself, in parallel; those that fail come again, the others do not.
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';

import type { Receipt } from '../ports/delivery.ts';
import type { Log } from '../ports/process.ts';
import { entry, type Finish, type Invocation } from './entry.ts';

/** Wraps a flow for messages of one schema. A message that cannot be decoded fails and ends in the dead-letter queue. */
export function eachRecord<T>(
  schema: z.core.$ZodType<T>,
  run: (message: T, invocation: Invocation, receipt: Receipt) => Promise<void>,
  log: () => Log,
  finish: Finish,
) {
  return entry<SQSEvent, SQSBatchResponse>(async (event, invocation) => {
    const one = async (record: SQSRecord): Promise<void> => {
      try {
        const body: unknown = JSON.parse(record.body);
        const { receiptHandle, attributes } = record;
        const tries = Number(attributes.ApproximateReceiveCount);
        await run(z.parse(schema, body), invocation, { receiptHandle, tries });
      } catch (error) {
        log().error('a message failed and comes again', {
          messageId: record.messageId,
          received: record.attributes.ApproximateReceiveCount,
          error: error instanceof Error ? `${error.name}: ${error.message}` : 'fault',
          causes: error instanceof AggregateError ? error.errors.slice(0, 3).map(String) : undefined,
        });
        throw error;
      }
    };
    return await processPartialResponse(event, one, new BatchProcessor(EventType.SQS), {
      throwOnFullBatchFailure: false,
    });
  }, finish);
}
