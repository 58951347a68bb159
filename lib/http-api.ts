// An HTTP API: exactly the routes of the contract, every one authorized, throttled and logged. The authorizer for
// machines is here.
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

/** How callers are let in: who decides it, how often they may call, and how the access log names them. */
export type Door = Readonly<{
  /** The end of the API's name. */
  name: string;
  authorizer: IHttpRouteAuthorizer;
  ratePerSecond: number;
  burst: number;
  /** Fields of the access log, each with API Gateway's variable. */
  who: Readonly<Record<string, string>>;
  /** One permission of the function for each route, or one for the whole API: the function's policy holds 20 kB. */
  permission: 'per route' | 'per API';
}>;

export class HttpEndpoint extends Construct {
  readonly api: HttpApi;

  constructor(
    scope: Construct,
    id: string,
    props: { target: ServiceFunction; door: Door; logRetentionDays: RetentionDays },
  ) {
    super(scope, id);
    const { target, door } = props;
    this.api = new HttpApi(this, 'Api', {
      apiName: `${Stack.of(this).stackName}-${door.name}`,
      createDefaultStage: false,
    });
    const logs = new LogGroup(this, 'AccessLogs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: door.ratePerSecond, burstLimit: door.burst },
      // Who asked for what, and the outcome; no header, no query and no body, so no secret.
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: accessLogFormat(door.who) },
    });
    const integration = new HttpLambdaIntegration('Integration', target.lambda, {
      scopePermissionToRoute: door.permission === 'per route',
    });
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      this.api.addRoutes({ path, methods: [methodOf(method)], integration, authorizer: door.authorizer });
    }
  }
}

/** Signatures of IAM, or tokens of an issuer. */
export function machineDoor({ jwt, ratePerSecond, burst }: Settings['api']): Door {
  const authorizer = jwt
    ? new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: jwt.audience })
    : new HttpIamAuthorizer();
  const who = { caller: '$context.identity.userArn', subject: '$context.authorizer.claims.sub' };
  return { name: 'api', authorizer, ratePerSecond, burst, who, permission: 'per route' };
}

function methodOf(name: string): HttpMethod {
  const method = Object.values(HttpMethod).find((known) => known === name);
  if (method === undefined) throw new TypeError(`no such method: ${name}`);
  return method;
}

const accessLogFormat = (who: Door['who']) =>
  AccessLogFormat.custom(
    JSON.stringify({
      requestId: '$context.requestId',
      at: '$context.requestTime',
      sourceIp: '$context.identity.sourceIp',
      ...who,
      route: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      error: '$context.integrationErrorMessage',
    }),
  );
