import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';

import { METRIC_NAMESPACE, METRIC_SERVICE, metricNames } from '../../lambdas/contract/metrics.ts';
import { FleetDashboard } from '../../lib/fleet-dashboard.ts';

it('shows every metric that the functions emit, by name, namespace and dimension', () => {
  const stack = new Stack(new App(), 'Shown');
  new FleetDashboard(stack, 'FleetDashboard');
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard!.Properties.DashboardBody).replaceAll('\\', '');
  for (const name of Object.values(metricNames))
    expect(body).toContain(`["${METRIC_NAMESPACE}","${name}","service","${METRIC_SERVICE}"`);
  expect(dashboard!.Properties.DashboardName).toBe('Shown');
});
