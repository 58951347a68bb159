// Every right there is, role by role. What stands here is what a deployment hands out; nothing more may appear.
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, it } from 'vitest';

import {
  everything,
  listOf,
  nameOf,
  type PolicyDocument,
  resourcesOf,
  rightsByRole,
  shown,
  synthesize,
} from './synthesized.ts';
import { watchOneOfEach } from './watching.ts';

const bare = synthesize();
const full = synthesize(everything);
const watching = synthesize({}, {}, watchOneOfEach);
/** Without the roles of what is watched. */
const ours = (rights: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(rights).filter(([role]) => /^<(Functions|Rounds|Rollups)/.test(role)));
const here = 'REGION:ACCOUNT';

const ownLog = (name: string) => [
  `logs:CreateLogStream <Functions${name}Logs>`,
  `logs:PutLogEvents <Functions${name}Logs>`,
];
const worksOff = (queue: string) =>
  ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(
    (action) => `sqs:${action} <${queue}>`,
  );
const table = (...actions: string[]) => actions.map((action) => `dynamodb:${action} <ServiceTable>`);
const findsDependents =
  'dynamodb:Query <ServiceTable> if ForAllValues:StringLike dynamodb:LeadingKeys = TARGET#service#*';
const onKeys = (action: string, ...leading: string[]) =>
  `dynamodb:${action} <ServiceTable> if ForAllValues:StringLike dynamodb:LeadingKeys = ${shown(leading)}`;
const handsOn = ['AlertQueue', 'ProbeQueue', 'RestartQueue'].map((queue) => `sqs:SendMessage <${queue}>`);

/** Without restarts in the settings: nobody holds a right of ECS or of Run Command. */
const rightsOfBare: Record<string, string[]> = {
  '<FunctionsScheduleRole>': [
    ...ownLog('Schedule'),
    ...table('Query'),
    'sqs:SendMessage <ProbeQueue>',
    // Where ticks go that it failed on.
    ...['GetQueueAttributes', 'GetQueueUrl', 'SendMessage'].map((action) => `sqs:${action} <TickDeadLetters>`),
  ],
  '<FunctionsProbeRole>': [
    ...ownLog('Probe'),
    ...worksOff('ProbeQueue'),
    ...table('GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...handsOn,
    `secretsmanager:GetSecretValue arn:aws:secretsmanager:${here}:secret:lamplighter/probe/*`,
    `ssm:GetParameter arn:aws:ssm:${here}:parameter/aws/reference/secretsmanager/lamplighter/probe/*`,
    `ssm:GetParameter arn:aws:ssm:${here}:parameter/lamplighter/probe/*`,
  ],
  '<FunctionsRestartRole>': [
    ...ownLog('Restart'),
    ...worksOff('RestartQueue'),
    ...table('GetItem', 'UpdateItem'),
    findsDependents,
    ...handsOn,
  ],
  '<FunctionsAlertRole>': [
    ...ownLog('Alert'),
    ...worksOff('AlertQueue'),
    ...table('GetItem', 'PutItem', 'UpdateItem'),
    findsDependents,
    'sns:Publish <AlertTopic>',
    // To itself, as the timer of groups and quiet hours.
    'sqs:SendMessage <AlertQueue>',
  ],
  '<FunctionsRegisterRole>': [
    ...ownLog('Register'),
    ...table('DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'),
    'sqs:SendMessage <ProbeQueue>',
  ],
  '<FunctionsApiRole>': [
    ...ownLog('Api'),
    ...table('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...handsOn,
  ],
  '<FunctionsRollupRole>': [
    ...ownLog('Rollup'),
    ...['GetItem', 'PutItem', 'Query'].map((action) => onKeys(action, 'ROLLUP#*')),
    onKeys('Query', 'RESULTS#*', 'SHARD#*', 'TIMELINE#*', 'FLEET'),
    onKeys('GetItem', 'SHARD#*'),
    // It may note something in a state. The registration is another attribute of the same item.
    `dynamodb:UpdateItem <ServiceTable> if ForAllValues:StringEquals dynamodb:Attributes = ${shown(['pk', 'sk', 'state', 'version'])}` +
      ` if ForAllValues:StringLike dynamodb:LeadingKeys = ${shown(['SHARD#*'])}`,
    // Where runs go that it failed on.
    ...['GetQueueAttributes', 'GetQueueUrl', 'SendMessage'].map((action) => `sqs:${action} <TickDeadLetters>`),
  ],
  '<RoundsRole>': ['lambda:InvokeFunction <FunctionsScheduleFunction>', 'sqs:SendMessage <TickDeadLetters>'],
  '<RollupsRole>': ['lambda:InvokeFunction <FunctionsRollupFunction>', 'sqs:SendMessage <TickDeadLetters>'],
};

const tagged = ' if StringEquals';
const inProd = ` if ArnEquals ecs:cluster = arn:aws:ecs:${here}:cluster/prod`;
const rightsToCompare = [
  `ecr:BatchGetImage arn:aws:ecr:${here}:repository/*`,
  'ecs:DescribeTaskDefinition *',
  'ecs:ListTaskDefinitions *',
];
const rightsToRestart = [
  `ecs:DescribeTasks *${inProd}`,
  `ecs:ListTasks *${inProd}`,
  `ecs:StopTask *${inProd}`,
  ...rightsToCompare,
  ...['DescribeServices', 'UpdateService'].map(
    (action) =>
      `ecs:${action} arn:aws:ecs:${here}:service/prod/* if ArnEquals ecs:cluster = arn:aws:ecs:${here}:cluster/prod` +
      `${tagged} aws:ResourceTag/lamplighter = restart`,
  ),
  ...['GetDocument', 'SendCommand'].flatMap((action) => [
    `ssm:${action} arn:aws:ssm:${here}:document/Lamplighter-RestartLinux`,
    `ssm:${action} arn:aws:ssm:${here}:document/Lamplighter-RestartWindows`,
    `ssm:${action} arn:aws:ssm:${here}:document/Lamplighter-ConfigurationLinux`,
  ]),
  `ssm:SendCommand arn:aws:ec2:${here}:instance/*${tagged} ssm:resourceTag/lamplighter = restart`,
  `ssm:SendCommand arn:aws:ssm:${here}:managed-instance/*${tagged} ssm:resourceTag/lamplighter = restart`,
  'ssm:DescribeInstanceInformation *',
  'ssm:GetCommandInvocation *',
  'ssm:ListCommands *',
];

const sorted = (rights: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(rights).map(([role, lines]) => [role, [...lines].sort()]));

/** Every wildcard in a resource, with the reason why nothing narrower will do. */
const wildcards: Record<string, string> = {
  [`arn:aws:secretsmanager:${here}:secret:lamplighter/probe/*`]: 'secrets are named as services are registered',
  [`arn:aws:ssm:${here}:parameter/aws/reference/secretsmanager/lamplighter/probe/*`]: 'the same, by another way',
  [`arn:aws:ssm:${here}:parameter/lamplighter/probe/*`]: 'parameters are named as services are registered',
  [`arn:aws:ecs:${here}:service/prod/*`]: 'services come later; their tag opts them in',
  [`arn:aws:ecr:${here}:repository/*`]: 'which repositories the services pull from is not known',
  [`arn:aws:ec2:${here}:instance/*`]: 'hosts come later; their tag opts them in',
  [`arn:aws:ssm:${here}:managed-instance/*`]: 'hosts come later; their tag opts them in',
  '*': 'AWS knows no narrower resource for reading how a command fares',
};

describe('the rights', () => {
  it('are exactly these when nothing may be restarted', () => {
    expect(rightsByRole(bare)).toEqual(sorted(rightsOfBare));
  });

  it('grow by those of the restart function, and by no others, when clusters and instances are named', () => {
    const restart = [...(rightsOfBare['<FunctionsRestartRole>'] ?? []), ...rightsToRestart];
    expect(rightsByRole(full)).toEqual(sorted({ ...rightsOfBare, '<FunctionsRestartRole>': restart }));
  });

  it('are opted into by the tag of the settings', () => {
    const own = synthesize({ restart: { clusters: ['a'], instances: true, tag: { key: 'heal', value: 'yes' } } });
    const lines = rightsByRole(own)['<FunctionsRestartRole>'] ?? [];
    expect(lines.filter((line) => line.includes('resourceTag/heal = yes'))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('aws:ResourceTag/heal = yes'))).toHaveLength(2);
    expect(lines.join()).not.toContain('lamplighter = restart');
  });

  it('of a stack that watches services of its own grow by the restart of just those, and by nothing else', () => {
    const restart = [
      ...(rightsOfBare['<FunctionsRestartRole>'] ?? []),
      ...['<FrontService>', '<InnerService>'].flatMap((service) => [
        `ecs:DescribeServices ${service}`,
        `ecs:UpdateService ${service}`,
      ]),
      ...['DescribeTasks', 'ListTasks'].map(
        (action) => `ecs:${action} * if ArnEquals ecs:cluster = <EcsDefaultClusterMnL3mNNYNVpc>`,
      ),
      ...rightsToCompare,
      ...['GetDocument', 'SendCommand'].map(
        (action) => `ssm:${action} arn:aws:ssm:${here}:document/Lamplighter-RestartLinux`,
      ),
      `ssm:SendCommand arn:aws:ec2:${here}:instance/<Host>`,
      'ssm:DescribeInstanceInformation *',
      'ssm:GetCommandInvocation *',
      'ssm:ListCommands *',
    ];
    expect(ours(rightsByRole(watching))).toEqual(sorted({ ...rightsOfBare, '<FunctionsRestartRole>': restart }));
  });

  it('of a stack that watches a service of its own hold that to stop tasks only where a step asks for it', () => {
    const watched = (restart: object) =>
      synthesize({}, {}, (stack) => {
        const task = new FargateTaskDefinition(stack, 'Task');
        task.addContainer('shop', { image: ContainerImage.fromRegistry('shop') });
        const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
        const rollout = { minHealthyPercent: 100, circuitBreaker: { rollback: true } };
        const service = new FargateService(stack, 'Shop', { cluster, taskDefinition: task, ...rollout });
        stack.lamplighter.watch(service, { url: 'https://shop.example.com/health', document: { restart } });
      });
    const stops = (restart: object) =>
      (rightsByRole(watched(restart))['<FunctionsRestartRole>'] ?? []).filter((line) =>
        line.startsWith('ecs:StopTask'),
      );
    const steps = [{ kind: 'ecs', action: 'stop-tasks', cluster: 'a', service: 'b' }];
    expect(stops({ steps })).toEqual(['ecs:StopTask * if ArnEquals ecs:cluster = <Cluster>']);
    expect(stops({ warmUpSeconds: 5 })).toEqual([]);
  });

  it('hold no wildcard in an action, and in a resource only those with a reason', () => {
    const lines = [rightsByRole(full), ours(rightsByRole(watching))].flatMap((rights) => Object.values(rights).flat());
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.filter((line) => line.split(' ')[0]?.includes('*'))).toEqual([]);
    const used = lines.map((line) => line.split(' ')[1] ?? '').filter((resource) => resource.includes('*'));
    expect([...new Set(used)].sort()).toEqual(Object.keys(wildcards).sort());
  });

  it('come from no policy of AWS and from none inside a role', () => {
    for (const [, { Properties }] of resourcesOf(full, 'AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
  });
});

type Trust = { AssumeRolePolicyDocument: PolicyDocument };

describe('who is trusted', () => {
  it('is Lambda for the functions, and Scheduler for its own account and group alone', () => {
    const trust = Object.fromEntries(
      resourcesOf(full, 'AWS::IAM::Role').map(([id, { Properties }]) => {
        const [statement] = (Properties as unknown as Trust).AssumeRolePolicyDocument.Statement;
        return [nameOf(id), statement];
      }),
    );
    for (const name of ['Rounds', 'Rollups']) {
      const scheduler = trust[`<${name}Role>`];
      expect(scheduler?.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
      expect(shown(scheduler?.Condition?.['StringEquals']?.['aws:SourceAccount'])).toBe('ACCOUNT');
      expect(shown(scheduler?.Condition?.['ArnLike']?.['aws:SourceArn'])).toBe(
        `arn:aws:scheduler:${here}:schedule-group/<${name}Group>`,
      );
    }
    const others = Object.entries(trust).filter(([role]) => !['<RoundsRole>', '<RollupsRole>'].includes(role));
    for (const [, statement] of others) expect(statement?.Principal).toEqual({ Service: 'lambda.amazonaws.com' });
  });

  it('may call a function only from the API of this very deployment', () => {
    const permissions = resourcesOf(full, 'AWS::Lambda::Permission');
    expect(permissions.length).toBeGreaterThan(0);
    for (const [, { Properties }] of permissions) {
      const { Principal, SourceArn, FunctionName } = Properties as Record<string, unknown>;
      expect(Principal).toBe('apigateway.amazonaws.com');
      expect(shown(FunctionName)).toBe('<FunctionsApiFunction>');
      expect(shown(SourceArn)).toMatch(new RegExp(`^arn:aws:execute-api:${here}:<HttpApi>/\\*/\\*/`));
    }
  });

  it('may use a queue or a topic by its own policy only over TLS, and as a service only for this deployment', () => {
    const policies = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'].flatMap((type) => resourcesOf(full, type));
    const statements = policies.flatMap(
      ([, { Properties }]) => (Properties as unknown as { PolicyDocument: PolicyDocument }).PolicyDocument.Statement,
    );
    const denied = statements.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toHaveLength(policies.length);
    for (const { Condition } of denied) expect(Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    const allowed = statements
      .filter(({ Effect }) => Effect === 'Allow')
      .map(({ Action, Principal, Resource, Condition = {} }) => {
        const conditions = Object.values(Condition).flatMap((tests) => Object.entries(tests));
        const who = (Principal as { Service: string }).Service;
        const limits = conditions.map(([key, value]) => `${key}=${listOf(value).map(shown).join()}`);
        return [who, Action, shown(Resource), ...limits].join(' ');
      });
    const rules = '<StateChangesClusterprod>,<StateChangesInstances>';
    // Without the first, the demand for TLS would have shut CloudWatch out: it takes the place of the default policy.
    expect([...new Set(allowed)].sort()).toEqual([
      `cloudwatch.amazonaws.com sns:Publish <SelfWatchTopic> aws:SourceAccount=ACCOUNT aws:SourceArn=arn:aws:cloudwatch:${here}:alarm:*`,
      `events.amazonaws.com sqs:SendMessage <ProbeQueue> aws:SourceArn=${rules}`,
      `events.amazonaws.com sqs:SendMessage <ProbeQueueDeadLetters> aws:SourceArn=${rules}`,
      'sns.amazonaws.com sqs:SendMessage <AlertTopicUndelivered> aws:SourceArn=<AlertTopic>',
    ]);
  });

  it('with a VPC is the second probe function alone with network interfaces, and no function with a policy of AWS', () => {
    const inVpc = synthesize({ network: { vpcId: 'vpc-0abc1234', subnetIds: ['subnet-0abc1234'] } });
    const interfaces = Object.entries(rightsByRole(inVpc)).map(([role, lines]) => [
      role,
      lines.filter((line) => line.startsWith('ec2:')),
    ]);
    expect(interfaces.filter(([, lines]) => lines?.length)).toEqual([
      [
        '<FunctionsProbePrivateRole>',
        [
          'ec2:AssignPrivateIpAddresses *',
          'ec2:CreateNetworkInterface *',
          'ec2:DeleteNetworkInterface *',
          'ec2:DescribeNetworkInterfaces *',
          'ec2:DescribeSubnets *',
          'ec2:UnassignPrivateIpAddresses *',
        ],
      ],
    ]);
    for (const [, { Properties }] of resourcesOf(inVpc, 'AWS::IAM::Role'))
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  });
});
