import { describe, expect, it } from 'vitest';

import { routes } from '../../lambdas/contract/routes.ts';
import { nameOf, resourcesOf, shown, synthesize, type Synthesized } from './synthesized.ts';

type Route = { RouteKey: string; AuthorizationType: string; AuthorizerId?: unknown };
const routesOf = (synthesized: Synthesized) =>
  resourcesOf(synthesized, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties as unknown as Route);

const plain = synthesize();
const jwt = { issuer: 'https://login.example.com', audience: ['lamplighter', 'people'] };

describe('the API', () => {
  it('has exactly the routes of the contract, and every one wants a signature of IAM', () => {
    const made = routesOf(plain);
    expect(made.map(({ RouteKey }) => RouteKey).sort()).toEqual([...routes].sort());
    for (const { AuthorizationType } of made) expect(AuthorizationType).toBe('AWS_IAM');
  });

  it('wants a token on every route when an issuer is set', () => {
    const synthesized = synthesize({ api: { jwt } });
    const [[id, { Properties } = { Properties: {} }] = ['']] = resourcesOf(
      synthesized,
      'AWS::ApiGatewayV2::Authorizer',
    );
    expect(Properties).toMatchObject({
      AuthorizerType: 'JWT',
      JwtConfiguration: { Issuer: jwt.issuer, Audience: jwt.audience },
      IdentitySource: ['$request.header.Authorization'],
    });
    const made = routesOf(synthesized);
    expect(made.map(({ RouteKey }) => RouteKey).sort()).toEqual([...routes].sort());
    for (const { AuthorizationType, AuthorizerId } of made)
      expect([AuthorizationType, shown(AuthorizerId)]).toEqual(['JWT', nameOf(id)]);
  });

  it.each([
    [{}, { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 }],
    [
      { ratePerSecond: 3, burst: 5 },
      { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 5 },
    ],
  ])('is throttled: %o', (api, expected) => {
    const stages = resourcesOf(synthesize({ api }), 'AWS::ApiGatewayV2::Stage');
    expect(stages).toHaveLength(1);
    expect(stages[0]?.[1].Properties).toMatchObject({ StageName: '$default', DefaultRouteSettings: expected });
  });

  it('logs who asked for what and how it went, and nothing that could hold a secret', () => {
    const [[, { Properties } = { Properties: {} }] = []] = resourcesOf(plain, 'AWS::ApiGatewayV2::Stage');
    const { DestinationArn, Format } = (Properties as Record<string, never>)['AccessLogSettings'] as unknown as {
      DestinationArn: unknown;
      Format: string;
    };
    expect(shown(DestinationArn)).toContain('<HttpAccessLogs>');
    const variables = Object.values(JSON.parse(Format) as Record<string, string>);
    expect(variables.sort()).toEqual([
      '$context.authorizer.claims.sub',
      '$context.identity.sourceIp',
      '$context.identity.userArn',
      '$context.integrationErrorMessage',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  it('hands every request to the api function', () => {
    const [[, { Properties } = { Properties: {} }] = [], ...others] = resourcesOf(
      plain,
      'AWS::ApiGatewayV2::Integration',
    );
    expect(others).toEqual([]);
    expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    expect(shown((Properties as { IntegrationUri: unknown }).IntegrationUri)).toContain('<FunctionsApiFunction>');
  });
});
