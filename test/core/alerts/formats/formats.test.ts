// What Slack, Teams, DingTalk and WeCom get, held against the schemas of what they take.
import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';

import { alertFormats } from '../../../../lambdas/contract/alert-formats.ts';
import { type AlertDocument, documentKinds } from '../../../../lambdas/core/alerts/document.ts';
import { formatFor } from '../../../../lambdas/core/alerts/formats/format.ts';
import { dingtalk, slack, teams, wecom } from '../../../fixtures/receiver-schemas.ts';
import { documentOf, notices } from '../../../make/alerts.ts';

const documents = documentKinds.map((kind) => [kind, documentOf(notices[kind])] as const);
const failed = documentOf(notices.restart_failed);
const group = documentOf(notices.group);
const bodyOf = (format: (typeof alertFormats)[number], document: AlertDocument): unknown =>
  JSON.parse(formatFor(format, document).body);

/** Compiles as long as whatever passes the schema is what Slack's own types take. */
const asSlackTakesIt = (body: unknown): { text: string; blocks: KnownBlock[] } => slack.parse(body);

const schemas = { slack, teams, dingtalk, wecom };

describe.each(Object.entries(schemas) as [keyof typeof schemas, z.ZodType][])('for %s', (format, schema) => {
  it.each(documents)('an alert of kind %s is a message as documented', (_, document) => {
    const { body, headers } = formatFor(format, document);
    expect(() => schema.parse(JSON.parse(body))).not.toThrow();
    expect(headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    expect(body).toContain(document.level.toUpperCase());
  });

  it('one that says too much is told shorter, and keeps what it is about', () => {
    const long = 'every word counts, and 字 more. '.repeat(100);
    const line = { ...group.group!.alerts[0]!, message: long, headline: long };
    for (const document of [
      { ...failed, message: long, seen: long, held: long, evidence: long.repeat(9), tried: Array(10).fill({ ...failed.tried[0], outcome: long }) }, // prettier-ignore
      { ...group, message: long, group: { ...group.group!, count: 90, alerts: Array(30).fill(line), more: 60 } },
    ]) {
      const { body } = formatFor(format, document);
      expect(() => schema.parse(JSON.parse(body))).not.toThrow();
      expect(body).toContain(document.level.toUpperCase());
      expect(body).toContain('every word counts');
      expect(body).not.toContain('undefined');
    }
  });
});

describe('Slack', () => {
  it('is told all that people need, each in its place', () => {
    expect(bodyOf('slack', failed)).toEqual({
      text: '[ERROR] Billing API restart failed',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'ERROR Billing API restart failed' } },
        section('restart by ECS stop-tasks of prod/billing failed: not seen working in 120 s'),
        {
          type: 'section',
          fields: [
            ['Service', 'Billing API (default/billing-api)'],
            ['Project', 'erp'],
            ['Level', 'error'],
            ['Since', '2026-01-05T08:00:00.000Z (for 4 min)'],
            ['Restarts', '1'],
            ['Incident', 'inc-1'],
          ].map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${value}` })),
        },
        section('*What was seen*\nthe connection was refused: nothing listens on the port (refused)'),
        section(
          `*What was done*\n${failed.tried[0]!.at} restart by ECS stop-tasks of prod/billing: ${failed.tried[0]!.outcome}`,
        ),
        section(`*What happens next*\n${failed.next}`),
        section(`\`\`\`\n${failed.evidence}\n\`\`\``),
        {
          type: 'context',
          elements: [
            `<${failed.links.service}|Service>`,
            `<${failed.links.events}|Timeline>`,
            '<https://wiki.example.com/billing|Runbook>',
          ].map((link) => ({ type: 'mrkdwn', text: link })),
        },
      ],
    });
  });

  it('is given nothing that would be a link, a mention or the end of a code block', () => {
    const said = '<!channel> <https://evil.example|click> & ```';
    const { blocks } = asSlackTakesIt(bodyOf('slack', { ...failed, message: said, evidence: said }));
    const shown = JSON.stringify(blocks.slice(0, -1));
    expect(shown).toContain('&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp;');
    expect(shown).not.toMatch(/<!|<http|```[^\\`]+```[^"]/);
  });

  it('has no empty section and cuts no entity', () => {
    expect(slack.safeParse(bodyOf('slack', { ...failed, message: '' })).success).toBe(true);
    const { blocks } = asSlackTakesIt(bodyOf('slack', { ...failed, message: '&'.repeat(900) }));
    expect(JSON.stringify(blocks[1])).toMatch(/"text":"(&amp;)+(\.\.\.)?"\}/);
  });

  it('gets a long table in as many sections as it needs, and a path as what it is', () => {
    const line = { ...group.group!.alerts[0]!, message: 'm'.repeat(120) };
    const many = {
      ...group,
      links: failed.links,
      group: { ...group.group!, count: 31, alerts: Array(30).fill(line), more: 1 },
    };
    const { blocks } = asSlackTakesIt(bodyOf('slack', many));
    const codes = blocks.filter((block) => JSON.stringify(block).includes('```'));
    expect(codes.length).toBe(2);
    expect(JSON.stringify(codes)).toContain('and 1 more');
    expect(JSON.stringify(bodyOf('slack', group))).toContain('Runbook: docs/alerts.md#group');
  });
});

describe('Teams', () => {
  it('gets a card with its colour, its facts and its buttons', () => {
    const { content } = teams.parse(bodyOf('teams', failed)).attachments[0];
    expect(content.body[0]).toMatchObject({
      style: 'attention',
      items: [{ text: 'ERROR Billing API restart failed' }],
    });
    expect(content.body[2]).toMatchObject({ facts: expect.arrayContaining([{ title: 'Project', value: 'erp' }]) });
    expect(content.actions.map(({ title }) => title)).toEqual(['Service', 'Timeline', 'Runbook']);
    expect(JSON.stringify(content.body)).toContain('api exited with 137: OutOfMemoryError');
  });

  it('reads no Markdown out of what was seen, and no path as an address', () => {
    const { content } = teams.parse(bodyOf('teams', { ...group, message: '[click](https://evil.example) *x*' }))
      .attachments[0];
    expect(content.body[1]).toMatchObject({ text: '\\[click\\](https://evil.example) \\*x\\*' });
    expect(content.actions.map(({ title }) => title)).toEqual(['Fleet']);
    expect(JSON.stringify(content.body)).toContain('{"title":"Runbook","value":"docs/alerts.md\\\\#group"}');
    expect(teams.safeParse(bodyOf('teams', { ...failed, message: '' })).success).toBe(true);
  });
});

describe('DingTalk and WeCom', () => {
  it('get Markdown in paragraphs, with the keyword that a robot may demand', () => {
    const { markdown } = dingtalk.parse(bodyOf('dingtalk', failed));
    expect(markdown.title).toBe('ERROR Billing API restart failed');
    expect(markdown.text.split('\n\n')).toEqual([
      '### ERROR Billing API restart failed',
      failed.message,
      '**Service**: Billing API (default/billing-api)',
      '**Project**: erp',
      '**Level**: error',
      '**Since**: 2026-01-05T08:00:00.000Z (for 4 min)',
      '**Restarts**: 1',
      '**Incident**: inc-1',
      '**Seen**: the connection was refused: nothing listens on the port (refused)',
      `**Done**: ${failed.tried[0]!.at} ${failed.tried[0]!.what}: ${failed.tried[0]!.outcome}`,
      `**Next**: ${failed.next}`,
      `[Service](${failed.links.service}) | [Timeline](${failed.links.events}) | [Runbook](https://wiki.example.com/billing)`,
      'Lamplighter',
    ]);
  });

  it('get a table of a group as quotes, and paths as they are', () => {
    const { markdown } = wecom.parse(bodyOf('wecom', group));
    expect(markdown.content).toContain('### <font color="warning">CRITICAL</font> search needs a person');
    expect(markdown.content).toContain('\n> ERROR 08:00:00 ledger-db is unhealthy: no answer');
    expect(markdown.content).toContain('Runbook: docs/alerts.md#group');
    expect(JSON.stringify(bodyOf('wecom', documentOf(notices.recovered)))).toContain('font color=\\"warning\\"');
    expect(JSON.stringify(bodyOf('wecom', documentOf(notices.steady)))).toContain('font color=\\"info\\"');
  });

  it('are given nothing that would be a mention, a tag, a link or a heading', () => {
    const message = '# <@all> [click](https://evil.example) `x` **y**';
    const { markdown } = wecom.parse(bodyOf('wecom', { ...failed, message }));
    expect(markdown.content.split('\n')[1]).toBe("＜@all> [click] (https://evil.example) 'x' ＊＊y＊＊");
  });

  it('have links that end where they should', () => {
    const links = { ...failed.links, runbook: 'https://wiki.example.com/a_(b) c' };
    const { markdown } = wecom.parse(bodyOf('wecom', { ...failed, links }));
    expect(markdown.content).toContain('[Runbook](https://wiki.example.com/a_%28b%29%20c)');
  });

  it('are cut between characters where nothing else helps', () => {
    const { markdown } = wecom.parse(bodyOf('wecom', { ...failed, headline: '支付'.repeat(2_000) }));
    expect(markdown.content).toMatch(/^### .*[支付]\.\.\.$/u);
    expect(Buffer.byteLength(markdown.content)).toBeGreaterThan(4_090);
  });
});

it('a webhook is the document itself', () => {
  expect(bodyOf('webhook', failed)).toEqual(failed);
});

const section = (value: string) => ({ type: 'section', text: { type: 'mrkdwn', text: value } });
