// The API for people: there only when the settings ask for it, with the same routes, none of them open.
import { describe, expect, it } from 'vitest';

import { routes } from '../../lambdas/contract/routes.ts';
import {
  everything,
  nameOf,
  type Resource,
  resourcesOf,
  rightsByRole,
  shown,
  synthesize,
  type Synthesized,
} from './synthesized.ts';

const plain = synthesize(everything);
const people = synthesize({ ...everything, api: { basic: {} } });
const here = 'REGION:ACCOUNT';

type Properties = Record<string, unknown>;
const of = (synthesized: Synthesized, type: string): [string, Properties][] =>
  resourcesOf(synthesized, type).map(([id, resource]) => [nameOf(id), resource.Properties]);
const routesOf = (synthesized: Synthesized, api: string) =>
  of(synthesized, 'AWS::ApiGatewayV2::Route')
    .map(([, properties]) => properties)
    .filter(({ ApiId }) => shown(ApiId) === api);
const resources = ({ template }: Synthesized) =>
  (template.toJSON() as { Resources: Record<string, Resource> }).Resources;

const alertOf = (synthesized: Synthesized) =>
  Object.keys(resources(synthesized)).find((id) => nameOf(id) === '<FunctionsAlertFunction>') ?? '';
function variablesOfAlert(synthesized: Synthesized): Properties {
  const properties: Properties = resources(synthesized)[alertOf(synthesized)]!.Properties;
  return (properties['Environment'] as { Variables: Properties }).Variables;
}

describe('alerts', () => {
  it('lead people to the API that is for them, where there is one', () => {
    const linkOf = (synthesized: Synthesized) => shown(variablesOfAlert(synthesized)['LAMPLIGHTER_API_URL']);
    expect(linkOf(plain)).toBe('<HttpApi>');
    expect(linkOf(people)).toBe('<PeopleApi>');
  });
});

describe('without the setting', () => {
  it('there is no second API, no authorizer and no function for it', () => {
    expect(of(plain, 'AWS::ApiGatewayV2::Api')).toHaveLength(1);
    expect(of(plain, 'AWS::ApiGatewayV2::Authorizer')).toEqual([]);
    expect(Object.keys(resources(plain)).filter((id) => /Authorize|People/.test(id))).toEqual([]);
  });

  it('everything is what it is with it, but for where alerts lead: nothing but additions', () => {
    const { [alertOf(plain)]: _alert, ...others } = resources(plain);
    expect(resources(people)).toMatchObject(others);
    const { LAMPLIGHTER_API_URL: _link, ...variables } = variablesOfAlert(plain);
    expect(variablesOfAlert(people)).toMatchObject(variables);
    const { Environment: _environment, ...properties } = resources(plain)[alertOf(plain)]!.Properties;
    expect(resources(people)[alertOf(people)]).toMatchObject({ Properties: properties });
  });
});

describe('the API for people', () => {
  it('has exactly the routes of the contract, and so has the other one; none is without an authorizer', () => {
    const machines = routesOf(people, '<HttpApi>');
    const ours = routesOf(people, '<PeopleApi>');
    for (const made of [machines, ours])
      expect(made.map(({ RouteKey }) => RouteKey).sort()).toEqual([...routes].sort());
    expect(of(people, 'AWS::ApiGatewayV2::Route')).toHaveLength(2 * routes.length);
    for (const { AuthorizationType } of machines) expect(AuthorizationType).toBe('AWS_IAM');
    for (const { AuthorizationType, AuthorizerId } of ours)
      expect([AuthorizationType, shown(AuthorizerId)]).toEqual(['CUSTOM', '<PeopleApiBasic>']);
  });

  it('asks the authorize function, by the header alone, and remembers for a minute', () => {
    const authorizers = of(people, 'AWS::ApiGatewayV2::Authorizer');
    expect(authorizers.map(([name]) => name)).toEqual(['<PeopleApiBasic>']);
    const [[, { AuthorizerUri, ApiId, Name: _name, ...rest }] = ['', {} as Properties]] = authorizers;
    expect(rest).toEqual({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 60,
    });
    expect(shown(ApiId)).toBe('<PeopleApi>');
    expect(shown(AuthorizerUri)).toContain('functions/<FunctionsAuthorizeFunction>/invocations');
  });

  it('stands beside tokens for machines as well as beside IAM', () => {
    const jwt = { issuer: 'https://login.example.com', audience: ['lamplighter'] };
    const both = synthesize({ api: { jwt, basic: {} } });
    for (const { AuthorizationType } of routesOf(both, '<HttpApi>')) expect(AuthorizationType).toBe('JWT');
    for (const { AuthorizationType } of routesOf(both, '<PeopleApi>')) expect(AuthorizationType).toBe('CUSTOM');
  });

  it('hands every request to the api function', () => {
    const targets = of(people, 'AWS::ApiGatewayV2::Integration').map(([, { ApiId, IntegrationUri }]) => [
      ...[shown(ApiId), shown(IntegrationUri)],
    ]);
    expect(targets.sort()).toEqual([
      ['<HttpApi>', '<FunctionsApiFunction>'],
      ['<PeopleApi>', '<FunctionsApiFunction>'],
    ]);
  });

  it.each([
    [{}, { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 }],
    [
      { ratePerSecond: 2, burst: 3 },
      { ThrottlingRateLimit: 2, ThrottlingBurstLimit: 3 },
    ],
  ])('is throttled by itself: %o', (basic, expected) => {
    const stages = of(synthesize({ api: { basic } }), 'AWS::ApiGatewayV2::Stage');
    const limits = Object.fromEntries(
      stages.map(([, stage]) => [shown(stage['ApiId']), stage['DefaultRouteSettings']]),
    );
    expect(limits).toEqual({
      '<HttpApi>': { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
      '<PeopleApi>': expected,
    });
  });

  it('logs who asked for what and how it went, and nothing that could hold a password', () => {
    const stage = of(people, 'AWS::ApiGatewayV2::Stage').find(([, { ApiId }]) => shown(ApiId) === '<PeopleApi>');
    const { DestinationArn, Format } = stage?.[1]['AccessLogSettings'] as { DestinationArn: unknown; Format: string };
    expect(shown(DestinationArn)).toContain('<PeopleAccessLogs>');
    expect(Object.values(JSON.parse(Format) as Record<string, string>).sort()).toEqual([
      '$context.authorizer.user',
      '$context.identity.sourceIp',
      '$context.integrationErrorMessage',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  it('says where it is, by a name that does not begin as that of the other one', () => {
    const outputs = (people.template.toJSON() as { Outputs: Record<string, { Value: unknown }> }).Outputs;
    const urls = Object.entries(outputs).filter(([key]) => key.includes('ApiUrl'));
    expect(Object.fromEntries(urls.map(([key, { Value }]) => [nameOf(key), shown(Value)]))).toEqual({
      '<ApiUrl>': '<HttpApi>',
      '<PeopleApiUrl>': '<PeopleApi>',
    });
    expect(urls.filter(([key]) => key.startsWith('LamplighterApiUrl'))).toHaveLength(1);
  });
});

describe('the rights', () => {
  const role = '<FunctionsAuthorizeRole>';
  const rightsFor = (name: string) => [
    'logs:CreateLogStream <FunctionsAuthorizeLogs>',
    'logs:PutLogEvents <FunctionsAuthorizeLogs>',
    // The six characters that Secrets Manager puts behind every name.
    `secretsmanager:GetSecretValue arn:aws:secretsmanager:${here}:secret:${name}-??????`,
    `ssm:GetParameter arn:aws:ssm:${here}:parameter/aws/reference/secretsmanager/${name}`,
  ];

  it('grow by the reading of one secret, and by nothing else', () => {
    expect(rightsByRole(people)).toEqual({ ...rightsByRole(plain), [role]: rightsFor('lamplighter/api/people') });
  });

  it('are those for the secret that was named', () => {
    const named = synthesize({ api: { basic: { secret: 'ops/people' } } });
    expect(rightsByRole(named)[role]).toEqual(rightsFor('ops/people'));
    const functions = Object.fromEntries(of(named, 'AWS::Lambda::Function'));
    expect(functions['<FunctionsAuthorizeFunction>']?.['Environment']).toEqual({
      Variables: { LAMPLIGHTER_PEOPLE_SECRET: 'ops/people' },
    });
  });

  it('let the authorizer call its function, and the second API the api function, and no other API', () => {
    const added = of(people, 'AWS::Lambda::Permission')
      .map(([, { FunctionName, Principal, SourceArn }]) => [shown(FunctionName), Principal, shown(SourceArn)])
      .filter(([, , source]) => !String(source).includes('<HttpApi>'));
    expect(added.sort()).toEqual([
      [...['<FunctionsApiFunction>', 'apigateway.amazonaws.com', `arn:aws:execute-api:${here}:<PeopleApi>/*/*/*`]],
      [
        ...['<FunctionsAuthorizeFunction>', 'apigateway.amazonaws.com'],
        `arn:aws:execute-api:${here}:<PeopleApi>/authorizers/<PeopleApiBasic>`,
      ],
    ]);
  });
});

describe('the authorize function', () => {
  const functionOf = (basic: object) =>
    Object.fromEntries(of(synthesize({ api: { basic } }), 'AWS::Lambda::Function'))['<FunctionsAuthorizeFunction>'];

  it('has the memory of a whole processor, and ends before API Gateway stops waiting', () => {
    expect(functionOf({})).toMatchObject({ MemorySize: 1_769, Timeout: 8 });
  });

  it('takes nothing away from what the account may run at once, unless it is told how much', () => {
    expect(functionOf({})).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(functionOf({ reservedConcurrency: 5 })).toMatchObject({ ReservedConcurrentExecutions: 5 });
  });
});
