import { describe, expect, it } from 'vitest';

import { everything, resourcesOf, shown, synthesize } from './synthesized.ts';

const subscriptionsOf = (settings: unknown) =>
  resourcesOf(synthesize(settings), 'AWS::SNS::Subscription').map(([, { Properties }]) => {
    const { Protocol, Endpoint, FilterPolicy, TopicArn } = Properties as Record<string, unknown>;
    return [shown(TopicArn), Protocol, Endpoint, FilterPolicy];
  });

describe('who is subscribed', () => {
  it('is nobody unless the settings say so', () => {
    expect(subscriptionsOf({})).toEqual([]);
  });

  it('gets everything, or the levels that were asked for', () => {
    const subscriptions = subscriptionsOf({
      alerts: {
        email: [{ address: 'team@example.com' }, { address: 'boss@example.com', levels: ['error', 'critical'] }],
        sms: [{ number: '+4915112345678' }, { number: '+4915112345679', levels: ['warning'] }],
        https: [{ url: 'https://hooks.example.com/a', levels: ['info'] }],
      },
    });
    expect(subscriptions).toEqual([
      ['<AlertTopic>', 'email', 'team@example.com', undefined],
      ['<AlertTopic>', 'email', 'boss@example.com', { level: ['error', 'critical'] }],
      ['<AlertTopic>', 'sms', '+4915112345678', { level: ['critical'], no_sms: [{ exists: false }] }],
      ['<AlertTopic>', 'sms', '+4915112345679', { level: ['warning'], no_sms: [{ exists: false }] }],
      ['<AlertTopic>', 'https', 'https://hooks.example.com/a', { level: ['info'] }],
    ]);
  });

  it('gets what is of its projects and bears one of its tags', () => {
    const [[, , , policy] = []] = subscriptionsOf({
      alerts: {
        email: [{ address: 'a@example.com', levels: ['error'], projects: ['erp', 'crm'], tags: ['team=payments'] }],
      },
    });
    expect(policy).toEqual({ level: ['error'], project: ['erp', 'crm'], tags: ['team=payments'] });
  });

  it('gets what nobody has acknowledged, and nothing else, where it is there for that', () => {
    const escalation = { email: ['head@example.com'], sms: ['+4915112345670'] };
    expect(subscriptionsOf({ alerts: { escalation } })).toEqual([
      ['<AlertTopic>', 'email', 'head@example.com', { kind: ['escalation'] }],
      ['<AlertTopic>', 'sms', '+4915112345670', { kind: ['escalation'], no_sms: [{ exists: false }] }],
    ]);
  });

  it('has what was not delivered kept, where a network tells', () => {
    const kept = resourcesOf(synthesize(everything), 'AWS::SNS::Subscription').map(([, { Properties }]) => {
      const { Protocol, TopicArn, RedrivePolicy } = Properties as Record<string, { deadLetterTargetArn: unknown }>;
      return [shown(TopicArn), Protocol, RedrivePolicy && shown(RedrivePolicy.deadLetterTargetArn)];
    });
    expect(kept).toEqual([
      ['<AlertTopic>', 'email', '<AlertTopicUndelivered>'],
      ['<AlertTopic>', 'email', '<AlertTopicUndelivered>'],
      ['<AlertTopic>', 'sms', undefined],
      ['<AlertTopic>', 'https', '<AlertTopicUndelivered>'],
      ['<SelfWatchTopic>', 'email', undefined],
    ]);
  });

  it('hears of Lamplighter itself on another topic, unfiltered', () => {
    expect(subscriptionsOf({ operators: { email: ['ops@example.com'] } })).toEqual([
      ['<SelfWatchTopic>', 'email', 'ops@example.com', undefined],
    ]);
  });
});
