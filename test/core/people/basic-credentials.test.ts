import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseBasic } from '../../../lambdas/core/people/basic-credentials.ts';
import { base64OfBytes, bytesOfBase64 } from '../../../lambdas/core/values/base64.ts';
import { basic } from '../../make/people.ts';

const encoded = (bytes: string | Uint8Array) => `Basic ${Buffer.from(bytes).toString('base64')}`;
const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((part) => !/\p{Cc}/u.test(part));

describe('a header of basic authentication', () => {
  it.each([
    // The two examples of RFC 7617.
    ['as the RFC shows it', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', { user: 'Aladdin', password: 'open sesame' }],
    ['in UTF-8, as the RFC shows it', 'Basic dGVzdDoxMjPCow==', { user: 'test', password: '123£' }],
    ['in small letters', 'basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', { user: 'Aladdin', password: 'open sesame' }],
    ['with more than one space', 'BASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ==', { user: 'Aladdin', password: 'open sesame' }],
    ['without padding', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ', { user: 'Aladdin', password: 'open sesame' }],
    ['with colons in the password', basic('jane', 'a:b::c'), { user: 'jane', password: 'a:b::c' }],
    ['with an empty password', basic('jane', ''), { user: 'jane', password: '' }],
    ['with letters of two characters', basic('ju\u0308rgen', 'o\u0308l'), { user: 'jürgen', password: 'öl' }],
    ['with a byte order mark', basic('\ufeffjane', 'x'), { user: '\ufeffjane', password: 'x' }],
  ])('is read: %s', (_what, header, credentials) => {
    expect(parseBasic(header)).toEqual(credentials);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['the scheme alone', 'Basic'],
    ['the scheme and a space', 'Basic '],
    ['another scheme', 'Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['a scheme that only begins so', 'Basics QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['what is no base64', 'Basic QWxhZGRpbjpvcGVuIHNl*2FtZQ=='],
    ['base64 of another alphabet', `Basic ${Buffer.from('jane:???>>>').toString('base64url')}`],
    ['one character too many', 'Basic QWxhZ'],
    ['padding inside', 'Basic QWxh=ZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['two headers in one', `${basic('jane', 'a')},${basic('jane', 'b')}`],
    ['something behind', `${basic('jane', 'a')} x`],
    ['no colon', encoded('jane')],
    ['no name', encoded(':secret')],
    ['nothing at all', encoded('')],
    ['what is no UTF-8', encoded(Buffer.from([0x6a, 0x3a, 0xff]))],
    ['Latin-1', encoded(Buffer.from('jürgen:x', 'latin1'))],
    ['a NUL', basic('jane', 'a\0b')],
    ['a line end', basic('jane\n', 'a')],
    ['a control character of C1', basic('jane', '\u0085')],
  ])('is none: %s', (_what, header) => {
    expect(parseBasic(header)).toBeUndefined();
  });

  it('may be as long as 2,048 characters, and no longer', () => {
    const [most, more] = [basic('jane', 'x'.repeat(1_525)), basic('jane', 'x'.repeat(1_526))];
    expect([most.length, more.length]).toEqual([2_046, 2_050]);
    expect(parseBasic(most)).toEqual({ user: 'jane', password: 'x'.repeat(1_525) });
    expect(parseBasic(more)).toBeUndefined();
  });

  it('gives back every name without a colon, and every password', () => {
    fc.assert(
      fc.property(text, text, (user, password) => {
        fc.pre(user !== '' && !user.includes(':') && Buffer.from(`${user}${password}`).toString() === user + password);
        expect(parseBasic(basic(user, password))).toEqual({
          user: user.normalize('NFC'),
          password: password.normalize('NFC'),
        });
      }),
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (rest) => {
        const found = parseBasic(`Basic ${rest}`);
        expect(found === undefined || found.user.length > 0).toBe(true);
      }),
    );
  });
});

describe('base64', () => {
  it('is that of Node, with and without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const padded = Buffer.from(bytes).toString('base64');
        expect(base64OfBytes(bytes)).toBe(padded.replace(/=+$/, ''));
        for (const form of [padded, base64OfBytes(bytes)]) expect([...(bytesOfBase64(form) ?? [])]).toEqual([...bytes]);
      }),
    );
  });

  it.each(['A', 'AAAAA', 'A-__', 'A A=', 'AA===', '====', 'Ä'])('is not %j', (form) => {
    expect(bytesOfBase64(form)).toBeUndefined();
  });
});
