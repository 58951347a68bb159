// Signatures, held against the published example of Standard Webhooks and against Node's own HMAC.
import { createHmac } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { signedDingtalkUrl } from '../../../../lambdas/core/alerts/formats/dingtalk.ts';
import { type Hmac, signatureHeaders } from '../../../../lambdas/core/alerts/formats/webhook.ts';

const hmac: Hmac = (key, text) => createHmac('sha256', key).update(text).digest();
// The example that the libraries of Standard Webhooks are tested with.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const example = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  now: 1_614_265_330_999,
  body: '{"test": 2432232314}',
  secrets: [secret],
};

describe('a signed webhook', () => {
  it('bears the headers of Standard Webhooks', () => {
    expect(signatureHeaders(example, hmac)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is signed by each secret while one takes over from the other', () => {
    const other = `whsec_${Buffer.from('x'.repeat(24)).toString('base64')}`;
    const headers = signatureHeaders({ ...example, secrets: [other, secret] }, hmac);
    const signatures = headers['webhook-signature']?.split(' ');
    expect(signatures).toHaveLength(2);
    expect(signatures?.[1]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(signatures?.[0]).not.toBe(signatures?.[1]);
  });

  it('has an id without full stops, for those part what is signed', () => {
    const headers = signatureHeaders({ ...example, id: 'inc-1.2:unhealthy' }, hmac);
    expect(headers['webhook-id']).toBe('inc-1-2:unhealthy');
    const key = Buffer.from(secret.slice(6), 'base64');
    const expected = createHmac('sha256', key).update(`inc-1-2:unhealthy.1614265330.${example.body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });

  it.each(['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_no base64!', 'whsec_c2hvcnQ='])(
    'is not made with %s, which is no secret, and does not say it',
    (wrong) => {
      const sign = () => signatureHeaders({ ...example, secrets: [wrong] }, hmac);
      expect(sign).toThrow('a signing secret must be whsec_ and at least 24 bytes in base64');
    },
  );
});

describe('the address of a DingTalk robot', () => {
  it('bears time and signature, and keeps its token', () => {
    const now = 1_767_600_000_000;
    const url = signedDingtalkUrl('https://oapi.dingtalk.com/robot/send?access_token=abc', 'SECxyz', now, hmac);
    const sign = createHmac('sha256', 'SECxyz').update(`${now}\nSECxyz`).digest('base64');
    expect(url).toBe(
      `https://oapi.dingtalk.com/robot/send?access_token=abc&timestamp=${now}&sign=${encodeURIComponent(sign)}`,
    );
  });
});
