// The worked examples of docs/healing.md on learning, lived through by the code that they speak of.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { advance } from '../../lambdas/core/health/advance.ts';
import { suggestThreshold } from '../../lambdas/core/learning/suggest-threshold.ts';
import { whatIf } from '../../lambdas/core/learning/what-if.ts';
import { type Service, toService } from '../../lambdas/core/model/service.ts';
import { freshState, type State } from '../../lambdas/core/model/state.ts';
import { withAsked } from '../../lambdas/core/registration/asked-settings.ts';
import { checkRegistration } from '../../lambdas/core/registration/check-registration.ts';
import { outlookView, suggestionView } from '../../lambdas/core/views/learning-view.ts';
import { serviceView } from '../../lambdas/core/views/status-view.ts';
import { probed } from '../make/event.ts';
import { recorded } from '../make/recorded.ts';
import { makeRegistration } from '../make/service.ts';
import { T0 } from '../make/state.ts';

const page = readFileSync(new URL('../../docs/healing.md', import.meta.url), 'utf8');
const chapter = (title: string) => {
  const [, text] = page.split(`## ${title}\n`);
  if (text === undefined) throw new Error(`there is no chapter ${title}`);
  return text.split(/^## /m)[0] ?? '';
};
const blocks = (title: string, language: string) =>
  [...chapter(title).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, body = '']) => body,
  );
const limits = { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public'] } as const;

describe('observe first', () => {
  it('says in the closing record, the alert and the score that a service came back alone', () => {
    const [document = '', score = ''] = blocks('Observe first', 'json');
    const checked = checkRegistration(JSON.parse(document), limits);
    if (checked.kind === 'faulty') throw new Error(JSON.stringify(checked.faults));
    const service: Service = toService(checked.value);
    let state: State = freshState(T0);
    const told: string[] = [];
    const kinds: string[] = [];
    const [text = ''] = blocks('Observe first', 'verdicts');
    for (const { verdict, beat } of recorded(text, { everySeconds: service.probe.intervalSeconds })) {
      const step = advance(service, state, probed(verdict, beat), beat);
      state = step.state;
      for (const intent of step.intents) {
        if (intent.kind === 'alert') told.push(intent.alert.message);
        if (intent.kind === 'record') kinds.push(intent.record.kind);
      }
    }
    const [closing = ''] = blocks('Observe first', 'text');
    expect(told.at(-1)).toBe(closing.trim());
    expect(kinds).toContain('restart_observed');
    const { observed } = serviceView(checked.value, service, state, {}, T0);
    expect({ observed }).toEqual(JSON.parse(score));
  });
});

const document = makeRegistration({ policy: { failureThreshold: 3 } });
const past = (title: string) => recorded(blocks(title, 'verdicts')[0] ?? '');

describe('what if', () => {
  it('comes to what the page says, with the present threshold and with the one that is asked for', () => {
    const [answer = ''] = blocks('What if', 'json');
    const [, failureThreshold] = /failureThreshold=(\d+)/.exec(chapter('What if')) ?? [];
    const side = (threshold?: number) => {
      const settings = toService(withAsked(document, { failureThreshold: threshold }));
      return outlookView(settings, whatIf(settings, past('What if'), []));
    };
    expect({ present: side(), asked: side(Number(failureThreshold)) }).toMatchObject(JSON.parse(answer) as object);
  });
});

describe('thresholds from history', () => {
  it('are what the page says, for the reason that it gives', () => {
    const [answer = ''] = blocks('Thresholds from history', 'json');
    const suggestion = suggestThreshold(past('Thresholds from history'), []);
    expect(suggestionView(suggestion, toService(document))).toEqual(JSON.parse(answer));
  });
});
