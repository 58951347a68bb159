// The worked examples of docs/healing.md on hooks, configuration and reload, lived through: every act is sent through the
// SSM restarter and run on this machine, with a stand-in for systemctl.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { createSsmRestarter } from '../../lambdas/adapters/ssm-restarter.ts';
import { type RestartStep, restartStepSchema, STANDARD_DOCUMENTS } from '../../lambdas/core/model/restart-spec.ts';
import { type Service, toService } from '../../lambdas/core/model/service.ts';
import type { Act } from '../../lambdas/core/model/state.ts';
import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { planOf } from '../../lambdas/core/restart/restart-plan.ts';
import { standardDocuments } from '../../lib/documents.ts';
import { eventually, openSsm, temporaryFolder } from '../local/ssm-host.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const block = (title: string, language: string): string => {
  const chapter = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(chapter)?.[1]?.trim() ?? '';
};
const linesOf = (title: string, language: string) =>
  block(title, language)
    .split('\n')
    .map((line) => /^(\w+)\s+(.+)$/.exec(line)!.slice(1));

function serviceOf(title: string): Service {
  const checked = checkRegistration(parse(block(title, 'yaml')), {
    minIntervalSeconds: 10,
    allowedRanges: [],
    documents: STANDARD_DOCUMENTS,
    networks: ['public'],
  });
  if (checked.kind !== 'good') throw new Error(JSON.stringify(checked));
  return toService(checked.value);
}

const folder = temporaryFolder();
const path = process.env['PATH'];
let host: Awaited<ReturnType<typeof openSsm>>;
const place = (file: string, content: string) => {
  mkdirSync(dirname(join(folder.path, file)), { recursive: true });
  writeFileSync(join(folder.path, file), content);
  chmodSync(join(folder.path, file), 0o755);
};

beforeAll(async () => {
  host = await openSsm(folder.path, { instances: [{ id: 'i-0abc' }] });
  const conf = `${folder.path}/etc/billing/app.conf`;
  place('bin/systemctl', `#!/bin/sh\necho "$1" >>${folder.path}/calls\n`);
  place('etc/billing/app.conf', 'good\n');
  place('opt/billing/check.sh', `#!/bin/sh\ngrep -q good "$1/app.conf"\n`);
  place('opt/lamplighter/before_billing.sh', '#!/bin/sh\n');
  place('opt/lamplighter/after_billing.sh', `#!/bin/sh\necho bad >${conf}\n`);
  process.env['PATH'] = `${folder.path}/bin:${path}`;
});
afterAll(async () => {
  process.env['PATH'] = path;
  await host.close();
  folder[Symbol.dispose]();
});

/** The step with the example's paths inside our folder. */
const here = (step: RestartStep | undefined): RestartStep =>
  restartStepSchema.parse(JSON.parse(JSON.stringify(step).replaceAll(/"\/(etc|opt)\//g, `"${folder.path}/$1/`)));
/** What was said, with the paths of the example. */
const asShown = (said: string) =>
  said
    .replaceAll(`${folder.path}/ssm/backup/`, '/var/lib/lamplighter/backup/')
    .replaceAll(`${folder.path.slice(1).replaceAll('/', '@')}@`, '')
    .replaceAll(folder.path, '');

async function carryOut(acts: readonly Act[], way: 'a' | 'r'): Promise<string[][]> {
  const restarter = createSsmRestarter({ client: host.client, documents: standardDocuments });
  const { signal } = new AbortController();
  const done: string[][] = [];
  for (const [index, { kind, step }] of acts.entries()) {
    const order = {
      restartId: `rst-1-${way}${index}`,
      begunAt: Date.now(),
      sentAt: Date.now(),
      before: '',
      reason: 'down',
      pin: '1',
    };
    const handle = await restarter.send(here(step), order, signal);
    const ended = await eventually(kind, async () => {
      const progress = await restarter.look(here(step), { ...order, handle }, signal);
      return progress.kind === 'running' ? undefined : progress;
    });
    expect(ended).toMatchObject({ kind: 'changed' });
    done.push([
      kind,
      asShown(ended.kind === 'changed' ? (ended.output ?? '') : '')
        .split('\n')
        .at(-1)!,
    ]);
  }
  return done;
}

describe('the chapter on hooks and configuration', () => {
  const title = 'Hooks and configuration';

  it('is right about what is done, what is said, and what is taken back', async () => {
    const { restart, ...service } = serviceOf(title);
    const plan = planOf({ ...service, restart }, { step: restart.steps[0]!, mode: 'restart', force: false });
    expect(await carryOut(plan.acts, 'a')).toEqual(linesOf(title, 'acts'));
    expect(readFileSync(join(folder.path, 'etc/billing/app.conf'), 'utf8')).toBe('bad\n');
    expect(await carryOut(plan.recovery, 'r')).toEqual(linesOf(title, 'recovery'));
    expect(readFileSync(join(folder.path, 'etc/billing/app.conf'), 'utf8')).toBe('good\n');
  });
});

describe('the chapter on reload', () => {
  it('is right about what is sent, and that no request is waited for', async () => {
    const service = serviceOf('Reload');
    const { steps, reload } = service.restart;
    expect(planOf(service, { step: steps[0]!, mode: 'restart', force: false }).acts.map(({ kind }) => kind)).toEqual([
      'drain',
      'restart',
    ]);
    writeFileSync(join(folder.path, 'calls'), '');
    const plan = planOf(service, { step: reload!, mode: 'reload', force: false });
    expect(await carryOut(plan.acts, 'a')).toEqual(linesOf('Reload', 'reload'));
    expect(plan.recovery).toEqual([]);
    const calls = readFileSync(join(folder.path, 'calls'), 'utf8').split('\n');
    expect(calls.filter((call) => call.startsWith('re'))).toEqual(['reload']);
  });
});
