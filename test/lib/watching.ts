// A stack that lets Lamplighter watch one of each: an ECS service behind its load balancer, one without, an instance
// that may be restarted, one that may not, and a URL.
import { Instance, InstanceType, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';

import type { LamplighterStack } from '../../lib/lamplighter-stack.ts';

/** Adds the services, and has them watched. */
export function watchOneOfEach(stack: LamplighterStack): void {
  const { lamplighter } = stack;
  const image = ContainerImage.fromRegistry('shop');
  const vpc = new Vpc(stack, 'Vpc');
  // Said only because CDK warns where it is not.
  const rollout = { minHealthyPercent: 100, circuitBreaker: { rollback: true } };
  const front = new ApplicationLoadBalancedFargateService(stack, 'Front', {
    vpc,
    taskImageOptions: { image },
    ...rollout,
  });
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('shop', { image });
  const inner = new FargateService(stack, 'Inner', { cluster: front.cluster, taskDefinition, ...rollout });
  const instanceOf = (id: string) =>
    new Instance(stack, id, {
      vpc,
      instanceType: new InstanceType('t4g.micro'),
      machineImage: MachineImage.genericLinux({ 'eu-central-1': 'ami-0abc1234' }),
    });
  lamplighter.watch(front);
  lamplighter.watch(inner, { url: 'https://inner.example.com/health' });
  lamplighter.watch(instanceOf('Host'), { url: 'https://host.example.com/health', parameters: { unit: 'billing' } });
  const document = { restart: { mode: 'off' } };
  lamplighter.watch(instanceOf('Onlooker'), { url: 'https://onlooker.example.com/health', document });
  lamplighter.watch('https://www.example.com/health');
}
