// A queue between two functions, with its dead-letter queue: encrypted, TLS only, with timings that fit its reader.
import { Duration, Validations } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { ServiceFunction } from './service-function.ts';

export type WorkQueueProps = Readonly<{
  /** Longer than the reader's timeout, so that no message is handed out again while it is still being worked on. */
  visibility: Duration;
  /** How often a message is tried before it goes to the dead-letter queue. */
  tries: number;
}>;

export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { visibility, tries }: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters');
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: visibility,
      // Older work has long been planned again.
      retentionPeriod: Duration.hours(12),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: tries },
    });
  }

  /** Makes a function the reader of this queue, record by record. */
  feeds(reader: ServiceFunction, { batchSize, maxConcurrency }: { batchSize: number; maxConcurrency: number }): void {
    const source = new SqsEventSource(this.queue, { batchSize, maxConcurrency, reportBatchItemFailures: true });
    reader.lambda.addEventSource(source);
    Validations.of(reader.lambda).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason:
        'a queue as a source has no such destination; what fails goes to the dead-letter queue of the queue itself',
    });
  }
}
