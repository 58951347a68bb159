// The API for people: the same routes to the same function, behind a name and a password. Only if the settings ask for
// it.
import { Duration } from 'aws-cdk-lib';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

import { HttpEndpoint } from './http-api.ts';
import { toReadSecret } from './rights/secrets.ts';
import type { ServiceFunction } from './service-function.ts';
import type { PeopleSettings } from './settings.ts';

/**
 * How long API Gateway remembers who was let in and who was not; the function remembers the secret for as long again.
 */
const REMEMBERED = Duration.minutes(1);

export class PeopleEndpoint extends HttpEndpoint {
  readonly authorize: ServiceFunction;

  constructor(
    scope: Construct,
    id: string,
    props: {
      target: ServiceFunction;
      authorize: ServiceFunction;
      settings: PeopleSettings;
      logRetentionDays: RetentionDays;
    },
  ) {
    const { target, authorize, settings, logRetentionDays } = props;
    const authorizer = new HttpLambdaAuthorizer('Basic', authorize.lambda, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // Without this header API Gateway answers 401 itself; with it, answers are remembered under its value.
      identitySource: ['$request.header.Authorization'],
      resultsCacheTtl: REMEMBERED,
    });
    super(scope, id, {
      target,
      logRetentionDays,
      door: {
        name: 'people-api',
        authorizer,
        ratePerSecond: settings.ratePerSecond,
        burst: settings.burst,
        who: { user: '$context.authorizer.user' },
        permission: 'per API',
      },
    });
    this.authorize = authorize;
    authorize.allow(...toReadSecret(this, settings.secret));
  }
}
