import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Instance, InstanceType, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { beforeAll, describe, expect, it } from 'vitest';

import { toService } from '../../lambdas/core/model/service.ts';
import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { Lamplighter } from '../../lib/lamplighter.ts';

let stack: Stack;
let lamplighter: Lamplighter;
let shop: ApplicationLoadBalancedFargateService;
let template: Template;

/** The documents that are registered at deploy, with `<token>` where CloudFormation puts in a name. */
const documents = (): Record<string, unknown>[] =>
  Object.values(template.findResources('Custom::LamplighterService')).map(({ Properties }) => {
    const { Document } = Properties;
    const text =
      typeof Document === 'string'
        ? Document
        : Document['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : '<token>')).join('');
    return JSON.parse(text);
  });
const documentOf = (id: string) => documents().find((document) => document['id'] === id);
const restartStatements = () =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([name]) => name.includes('FunctionsRestart'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[]);

const hostIn = (scope: Stack) =>
  new Instance(scope, 'Host', {
    vpc: new Vpc(scope, 'Vpc'),
    instanceType: new InstanceType('t4g.micro'),
    machineImage: MachineImage.latestAmazonLinux2023(),
  });

/** A stack in which one host is watched with this said of its restart. */
function watchingHost(restart: unknown): Template {
  const own = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
  const host = hostIn(own);
  new Lamplighter(own, 'Lamplighter').watch(host, { id: 'own', url: 'https://a.example.com', document: { restart } });
  return Template.fromStack(own);
}

beforeAll(() => {
  stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Shop');
  lamplighter = new Lamplighter(stack, 'Lamplighter');
  shop = new ApplicationLoadBalancedFargateService(stack, 'ShopFront', {
    taskImageOptions: { image: ContainerImage.fromRegistry('shop') },
  });
  const host = hostIn(stack);
  lamplighter.watch(shop, { path: '/alive' });
  lamplighter.watch(shop.service, { id: 'inner', url: 'https://inner.example.com/health' });
  lamplighter.watch(host, { url: 'https://host.example.com/health', parameters: { unit: 'billing' } });
  lamplighter.watch(host, { id: 'by-script', url: 'https://script.example.com/health' });
  lamplighter.watch('https://www.example.com/health', { document: { policy: { profile: 'critical' } } });
  template = Template.fromStack(stack);
});

describe('watch()', () => {
  it('registers a service behind its load balancer under the name of its construct', () => {
    expect(documentOf('shopfront')).toEqual({
      id: 'shopfront',
      probe: { kind: 'http', url: 'http://<token>/alive' },
      restart: { steps: [{ kind: 'ecs', cluster: '<token>', service: '<token>' }] },
    });
  });

  it('registers a service without one under the url that is given', () => {
    expect(documentOf('inner')).toMatchObject({ probe: { url: 'https://inner.example.com/health' } });
  });

  it('registers an instance with the document that restarts its unit', () => {
    expect(documentOf('host')).toMatchObject({
      restart: {
        steps: [
          {
            kind: 'ssm',
            document: 'Lamplighter-RestartLinux',
            instanceIds: ['<token>'],
            parameters: { unit: 'billing' },
          },
        ],
      },
    });
  });

  it('registers an instance without parameters, which is then restarted by the script that bears its id', () => {
    expect(documentOf('by-script')).toMatchObject({
      restart: { steps: [{ kind: 'ssm', document: 'Lamplighter-RestartLinux', instanceIds: ['<token>'] }] },
    });
    const checked = checkRegistration(
      {
        ...documentOf('by-script'),
        restart: { steps: [{ kind: 'ssm', document: 'Lamplighter-RestartLinux', instanceIds: ['i-0abc'] }] },
      },
      { minIntervalSeconds: 10, allowedRanges: [], documents: ['Lamplighter-RestartLinux'], networks: ['public'] },
    );
    expect(checked.kind === 'good' && toService(checked.value).restart).toMatchObject({
      mode: 'on',
      steps: [{ parameters: { restartScript: '/opt/lamplighter/restart_by-script.sh' } }],
    });
  });

  it('grants the document that keeps configurations where the document names it, and only there', () => {
    const keep = { kind: 'ssm', document: 'Lamplighter-ConfigurationLinux', instanceIds: ['i-0abc'] };
    const step = { ...keep, document: 'Lamplighter-RestartLinux' };
    const grants = (restart: object) =>
      JSON.stringify(watchingHost(restart).findResources('AWS::IAM::Policy')).match(/document\/[\w-]+/g);
    const configuration = { backup: keep, restore: keep };
    expect(grants({ steps: [step], configuration })?.sort()).toEqual([
      ...['document/Lamplighter-ConfigurationLinux', 'document/Lamplighter-ConfigurationLinux'],
      ...['document/Lamplighter-RestartLinux', 'document/Lamplighter-RestartLinux'],
    ]);
    expect(grants({ steps: [step] })).toHaveLength(2);
  });

  it('lets the roles of the tasks be handed on where the document rolls back, just these, and only there', () => {
    const ecs = { kind: 'ecs', cluster: 'prod', service: 'shop' };
    const passed = (restart: object) => {
      const own = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
      const front = new ApplicationLoadBalancedFargateService(own, 'Front', {
        taskImageOptions: { image: ContainerImage.fromRegistry('shop') },
      });
      new Lamplighter(own, 'Lamplighter').watch(front, { document: { restart } });
      const policies = Object.entries(Template.fromStack(own).findResources('AWS::IAM::Policy'));
      return policies
        .filter(([name]) => name.startsWith('LamplighterFunctionsRestart'))
        .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: unknown }[])
        .filter(({ Action }) => Action === 'iam:PassRole');
    };
    const roleOf = (kind: string) => ({ 'Fn::GetAtt': [expect.stringMatching(`^FrontTaskDef${kind}Role`), 'Arn'] });
    const right = {
      ...{ Action: 'iam:PassRole', Effect: 'Allow', Resource: [roleOf('Task'), roleOf('Execution')] },
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    };
    expect(passed({ steps: [ecs, { ...ecs, action: 'rollback' }] })).toEqual([right]);
    expect(passed({ steps: [ecs], rollback: { ...ecs, action: 'rollback' } })).toEqual([right]);
    expect(passed({ steps: [ecs], rollback: { kind: 'ssm', document: 'Undo', instanceIds: ['i-0abc'] } })).toEqual([]);
  });

  it('restarts nothing, and grants nothing, where the document says that restarts are off', () => {
    const quiet = watchingHost({ mode: 'off' });
    const [registered] = Object.values(quiet.findResources('Custom::LamplighterService'));
    expect(JSON.parse(registered!['Properties'].Document)).toEqual({
      id: 'own',
      probe: { kind: 'http', url: 'https://a.example.com' },
      restart: { mode: 'off' },
    });
    expect(JSON.stringify(quiet.findResources('AWS::IAM::Policy'))).not.toContain('ssm:SendCommand');
  });

  it.each([[{ mode: 'off', steps: [] }], [{ mode: 'on' }], [null]])(
    'still grants the restart where the document says %j of it',
    (restart) => {
      const policies = watchingHost(restart).findResources('AWS::IAM::Policy');
      expect(JSON.stringify(policies)).toContain('ssm:SendCommand');
    },
  );

  it('only watches a plain url, and takes over what else is wanted of it', () => {
    expect(documentOf('www-example-com')).toEqual({
      id: 'www-example-com',
      probe: { kind: 'http', url: 'https://www.example.com/health' },
      policy: { profile: 'critical' },
    });
  });

  it('grants the restart of those services and hosts, and of no other', () => {
    const ecs = restartStatements().filter(({ Action }) => JSON.stringify(Action).includes('ecs:'));
    // What only reads knows no narrower resource; the tasks' cluster stands in a condition.
    const reading = ecs.filter(({ Resource }) => Resource === '*').map(({ Action }) => JSON.stringify(Action));
    expect([...new Set(reading)].sort()).toEqual([
      '["ecs:ListTaskDefinitions","ecs:DescribeTaskDefinition"]',
      '["ecs:ListTasks","ecs:DescribeTasks"]',
    ]);
    const changing = ecs.filter(({ Resource }) => Resource !== '*');
    expect(changing.length).toBeGreaterThan(0);
    for (const { Action, Resource } of changing) {
      expect(Action).toEqual(['ecs:UpdateService', 'ecs:DescribeServices']);
      expect(Resource).toEqual({ Ref: expect.stringContaining('ShopFrontService') });
    }
    const sends = restartStatements().filter(({ Action }) => Action === 'ssm:SendCommand');
    expect(sends.map(({ Resource }) => JSON.stringify(Resource))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('document/Lamplighter-RestartLinux'),
        expect.stringContaining(':instance/'),
      ]),
    );
    expect(JSON.stringify(sends)).not.toContain('*');
    const reads = restartStatements().filter(({ Action }) => Action === 'ssm:GetDocument');
    expect(reads.length).toBeGreaterThan(0);
    for (const { Resource } of reads) expect(JSON.stringify(Resource)).toContain('document/Lamplighter-RestartLinux');
  });

  it('says what is missing where nothing can be derived', () => {
    expect(() => lamplighter.watch(shop.service, { id: 'nowhere' })).toThrow(
      'nowhere has no load balancer to ask; give its url',
    );
    expect(() => lamplighter.watch('not a url')).toThrow('give an id');
  });
});
