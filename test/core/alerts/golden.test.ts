// Every kind of alert in every form, as it stands in test/fixtures/alerts. `npx vitest run … -u` writes them anew: look at
// the difference before you commit it.
import { readdirSync, readFileSync } from 'node:fs';

import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { alertSchema } from '../../../lambdas/core/alerts/alert-schema.ts';
import { alertDocumentSchema, documentKinds } from '../../../lambdas/core/alerts/document.ts';
import { smsParts } from '../../../local/aws/sns/print.ts';
import { notices } from '../../make/alerts.ts';

const root = new URL('../../../', import.meta.url);
const golden = (name: string) => new URL(`test/fixtures/alerts/${name}`, root).pathname;
const validate = new Ajv({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL('docs/schema/alert.v1.json', root), 'utf8')),
);

describe.each(documentKinds)('an alert of kind %s', (kind) => {
  const { subject, email, sms, json, attributes } = notices[kind];

  it('reads as in its golden files', async () => {
    await expect(`Subject: ${subject}\n\n${email}`).toMatchFileSnapshot(golden(`${kind}.email.txt`));
    await expect(`${sms}\n`).toMatchFileSnapshot(golden(`${kind}.sms.txt`));
    const form = { document: JSON.parse(json) as object, attributes };
    await expect(`${JSON.stringify(form, null, 2)}\n`).toMatchFileSnapshot(golden(`${kind}.json`));
  });

  it('is a document of the published schema, and of nothing beside it', () => {
    const document = JSON.parse(json) as object;
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(alertDocumentSchema.parse(document)).toEqual(document);
    expect(Object.keys(document)).toEqual(Object.keys(alertDocumentSchema.shape));
  });

  it('is one part as an SMS, and begins with level and service', () => {
    expect(smsParts(sms)).toEqual({ alphabet: 'GSM-7', parts: 1 });
    const level = String([attributes['level']].flat()[0]);
    expect(subject.startsWith(`[${level.toUpperCase()}] `)).toBe(true);
  });
});

describe('the published schema', () => {
  it('is the one that the documents are built by', () => {
    expect(JSON.parse(readFileSync(new URL('docs/schema/alert.v1.json', root), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(alertSchema())),
    );
  });

  it('refuses a document of another version, and one without its time', () => {
    const document = JSON.parse(notices.unhealthy.json) as object;
    expect(validate({ ...document, version: 2 })).toBe(false);
    expect(validate({ ...document, detectedAt: undefined })).toBe(false);
    expect(validate({ ...document, detectedAt: 'yesterday' })).toBe(false);
    expect(validate({ ...document, addedLater: true })).toBe(true);
  });

  it('has a golden file for each kind, and none of a kind that is no more', () => {
    const named = documentKinds.flatMap((kind) => [`${kind}.email.txt`, `${kind}.json`, `${kind}.sms.txt`]);
    expect(readdirSync(golden('')).sort()).toEqual(named.sort());
    expect(z.toJSONSchema(alertDocumentSchema).properties).toHaveProperty('kind.enum', [...documentKinds]);
  });
});
