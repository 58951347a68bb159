// An optional dashboard with the fleet on one page: rounds, verdicts, restarts, alerts. Three dollars a month.
import { Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

import { type MetricName, metricNames } from '../lambdas/contract/metrics.ts';
import { own } from './own-metric.ts';

const { rounds, due, checked, unknown, down, duration, lateness, oldestIntent, faultyItems } = metricNames;
const { restartsCompleted, restartsFailed, alertsInfo, alertsWarning, alertsError, alertsCritical } = metricNames;
const { alertsGrouped } = metricNames;

const graphs: readonly Readonly<{ title: string; statistic: 'sum' | 'max'; metrics: readonly MetricName[] }>[] = [
  { title: 'Rounds and checks', statistic: 'sum', metrics: [rounds, due, checked, unknown, down] },
  { title: 'Mean of the answers, slowest shard (ms)', statistic: 'max', metrics: [duration] },
  { title: 'Lateness and owed work (ms)', statistic: 'max', metrics: [lateness, oldestIntent] },
  { title: 'Restarts', statistic: 'sum', metrics: [restartsCompleted, restartsFailed] },
  {
    ...{ title: 'Alerts', statistic: 'sum' },
    metrics: [alertsInfo, alertsWarning, alertsError, alertsCritical, alertsGrouped],
  },
  { title: 'Items that cannot be read', statistic: 'max', metrics: [faultyItems] },
];

export class FleetDashboard extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: Stack.of(this).stackName });
    for (const { title, statistic, metrics } of graphs)
      dashboard.addWidgets(new GraphWidget({ title, width: 12, left: metrics.map((name) => own(name, statistic)) }));
  }
}
