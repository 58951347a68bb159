// Metrics in CloudWatch's embedded metric format: one log line per invocation, no call, for the fleet as a whole only.
import { Metrics as PowertoolsMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';

import { METRIC_NAMESPACE, METRIC_SERVICE } from '../contract/metrics.ts';
import type { Metrics } from '../ports/process.ts';

/**
 * All functions share one value of the `service` dimension, since each value would be billed as a metric of its own.
 * `flush` writes the line; the runtime calls it when the invocation ends, however it ends.
 */
export function createEmfMetrics(): Metrics & { flush(): void } {
  const metrics = new PowertoolsMetrics({ namespace: METRIC_NAMESPACE, serviceName: METRIC_SERVICE });
  return {
    count: (name, value = 1) => void metrics.addMetric(name, MetricUnit.Count, value),
    milliseconds: (name, value) => void metrics.addMetric(name, MetricUnit.Milliseconds, value),
    flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
