// The API: exactly the routes of the contract, every one authorized, throttled and logged.
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, type IHttpRouteAuthorizer, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { routes } from '../lambdas/contract/routes.ts';
import type { ServiceFunction } from './service-function.ts';
import type { Settings } from './settings.ts';

export class HttpEndpoint extends Construct {
  readonly api: HttpApi;

  constructor(
    scope: Construct,
    id: string,
    props: { target: ServiceFunction; settings: Settings['api']; logRetentionDays: RetentionDays },
  ) {
    super(scope, id);
    const { target, settings } = props;
    this.api = new HttpApi(this, 'Api', { apiName: `${Stack.of(this).stackName}-api`, createDefaultStage: false });
    const logs = new LogGroup(this, 'AccessLogs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.ratePerSecond, burstLimit: settings.burst },
      // Who asked for what and how it went; no header, no query and no body, so no secret.
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: accessLogFormat() },
    });
    const integration = new HttpLambdaIntegration('Integration', target.lambda);
    const authorizer = authorizerOf(settings);
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      this.api.addRoutes({ path, methods: [methodOf(method)], integration, authorizer });
    }
  }
}

function authorizerOf({ jwt }: Settings['api']): IHttpRouteAuthorizer {
  return jwt ? new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: jwt.audience }) : new HttpIamAuthorizer();
}

function methodOf(name: string): HttpMethod {
  const method = Object.values(HttpMethod).find((known) => known === name);
  if (method === undefined) throw new TypeError(`no such method: ${name}`);
  return method;
}

const accessLogFormat = () =>
  AccessLogFormat.custom(
    JSON.stringify({
      requestId: '$context.requestId',
      at: '$context.requestTime',
      sourceIp: '$context.identity.sourceIp',
      caller: '$context.identity.userArn',
      subject: '$context.authorizer.claims.sub',
      route: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      error: '$context.integrationErrorMessage',
    }),
  );
