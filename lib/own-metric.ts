// The metrics that the functions emit, with the names and the one dimension that the code uses.
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

import { METRIC_NAMESPACE, METRIC_SERVICE, type MetricName } from '../lambdas/contract/metrics.ts';

/** One of these metrics, minute by minute. */
export const own = (metricName: MetricName, statistic: string) =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    statistic,
    period: Duration.minutes(1),
    dimensionsMap: { service: METRIC_SERVICE },
  });
