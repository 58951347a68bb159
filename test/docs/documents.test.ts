// Every example in the documentation is held against the code that it speaks of.
import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { routes } from '../../lambdas/contract/routes.ts';
import { buildNotice } from '../../lambdas/core/alerts/notice.ts';
import { profiles } from '../../lambdas/core/model/profiles.ts';
import { STANDARD_DOCUMENTS } from '../../lambdas/core/model/restart-spec.ts';
import { checkRegistration, type Limits } from '../../lambdas/core/registration/check-registration.ts';
import { readSettings } from '../../local/settings.ts';
import { makeService } from '../make/service.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const blocks = (file: string, language: string) =>
  [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body = '']) => body);
const limits: Limits = {
  minIntervalSeconds: 10,
  allowedRanges: ['10.0.0.0/8'],
  documents: [...STANDARD_DOCUMENTS],
  networks: ['public', 'private'],
  ecsState: true,
};

describe('the documentation', () => {
  it.each([...blocks('docs/registration.md', 'json'), ...blocks('README.md', 'json')])(
    'shows a registration that is accepted: %s',
    (text) => {
      expect(checkRegistration(JSON.parse(text), limits)).toMatchObject({ kind: 'good' });
    },
  );

  it('shows settings of one-machine mode that are accepted', () => {
    const [settings = ''] = blocks('docs/one-machine.md', 'yaml');
    expect(readSettings({}, parse(settings)).config.ecs.services).toHaveLength(1);
  });

  it('ships an example of settings that is accepted', () => {
    expect(() => readSettings({ LAMPLIGHTER_CONFIG: 'docs/examples/one-machine.yaml' })).not.toThrow();
  });

  it('shows the fields of an alert as they are sent', () => {
    const [alert = ''] = blocks('docs/alerts.md', 'json');
    const sent = buildNotice(makeService(), {
      kind: 'unhealthy',
      level: 'warning',
      incidentId: 'inc',
      deduplicationKey: 'inc:unhealthy',
      message: 'it is down',
      detectedAt: 0,
      restarts: 0,
    });
    expect(Object.keys(JSON.parse(alert))).toEqual(Object.keys(JSON.parse(sent.json)));
  });

  it('has every route of the API, and no other', () => {
    const shown = [...read('docs/api.md').matchAll(/`(GET|PUT|POST|DELETE) ([^`?]+)[^`]*`/g)].map(
      ([, method, path]) => `${method} ${path}`,
    );
    expect(new Set(shown)).toEqual(new Set(routes));
  });

  it('shows the profiles as they are', () => {
    for (const [name, { intervalSeconds, failureThreshold }] of Object.entries(profiles))
      expect(read('docs/registration.md').replace(/ +/g, ' ')).toContain(
        `| \`${name}\` | ${intervalSeconds} s | ${failureThreshold} |`,
      );
  });

  it('leads nowhere that is not there', () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      ...readdirSync(new URL('../../docs', import.meta.url))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ];
    for (const page of pages)
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g))
        expect(
          () => readdirOrFile(new URL(target, new URL(`../../${page}`, import.meta.url))),
          `${page} -> ${target}`,
        ).not.toThrow();
  });
});

function readdirOrFile(url: URL): void {
  if (url.pathname.endsWith('/')) readdirSync(url);
  else readFileSync(url);
}
