// The alphabet of SMS, and where a message is cut. The local SNS counts parts by a table of its own: one judges the other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cutToSeptets, toGsm7 } from '../../../lambdas/core/alerts/gsm7.ts';
import { smsParts } from '../../../local/aws/sns/print.ts';

describe('a text for SMS', () => {
  it.each([
    ['Zahlung für Öl: 5 € @ {x}', 'Zahlung für Öl: 5 € @ {x}'],
    ['crème brûlée, garçon, Łódź, São', 'crème brulée, garcon, ?odz, Sao'],
    ['“it’s” – down…', '"it\'s" - down...'],
    ['支付\tservice\n\u0000 is 💥', '?? service ? is ?'],
    ['a`b', "a'b"],
    ['e\u0301', 'é'],
  ])('%s becomes %s', (text, expected) => {
    expect(toGsm7(text)).toBe(expected);
  });

  it('is in the alphabet, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(smsParts(toGsm7(text)).alphabet).toBe('GSM-7');
      }),
    );
  });
});

describe('a long SMS', () => {
  it.each([
    ['x'.repeat(160), 160, 'x'.repeat(160)],
    ['x'.repeat(161), 160, `${'x'.repeat(157)}...`],
    ['one two three', 12, 'one two...'],
    ['one two three', 10, 'one two...'],
    ['one two three', 13, 'one two three'],
    ['a verylongwordthatgoeson', 12, 'a verylon...'],
    ['€€€€€€', 11, '€€€€...'],
  ])('%s within %i is %s', (text, most, expected) => {
    expect(cutToSeptets(text, most)).toBe(expected);
  });

  it('is one part and no longer than it must be', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '€', '[', 'ü'), minLength: 1, maxLength: 12 }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(words, (some) => {
        const text = some.join(' ');
        const cut = cutToSeptets(text, 160);
        expect(smsParts(cut).parts).toBe(1);
        if (cut === text) return;
        expect(smsParts(text).parts).toBeGreaterThan(1);
        const kept = cut.slice(0, -3);
        expect(text.startsWith(`${kept} `)).toBe(true);
      }),
    );
  });
});
