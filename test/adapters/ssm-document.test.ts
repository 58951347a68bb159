// Which version of a document may be sent, asked of a scripted SSM through the real SDK client.
import { afterEach, describe, expect, it } from 'vitest';

import { pinDocument } from '../../lambdas/adapters/ssm-document.ts';
import { standardDocuments } from '../../lib/documents.ts';
import { AwsFault } from '../../local/aws/wire.ts';
import { serve, ssmClient } from '../local/ssm-host.ts';

const [published] = standardDocuments;
const { name, content } = published!;
const never = new AbortController().signal;
const ours = JSON.stringify(content);
const foreign = JSON.stringify({ ...content, mainSteps: [] });

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Answer = Readonly<{ Content?: string; DocumentVersion?: string }>;

/** An SSM that holds these as its newest and its default version. */
async function pinned(versions: { $LATEST: Answer | Error; $DEFAULT?: Answer }, document = published!) {
  const asked: unknown[] = [];
  const GetDocument = (input: unknown) => {
    asked.push(input);
    const { DocumentVersion = '$DEFAULT' } = input as { DocumentVersion?: '$LATEST' };
    const answer = versions[DocumentVersion];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const server = await serve({ target: 'AmazonSSM', operations: { GetDocument } });
  const client = ssmClient(server.port);
  cleanups.push(
    () => server.close(),
    () => client.destroy(),
  );
  return { pin: pinDocument(client, document, never), asked };
}

/** The same JSON as somebody else might keep it: keys the other way round, and with spaces. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

describe('the version that may be sent', () => {
  it('is the newest, if it is what was published, and costs one call', async () => {
    const { pin, asked } = await pinned({ $LATEST: { Content: ours, DocumentVersion: '4' } });
    expect(await pin).toEqual({ kind: 'pinned', version: '4' });
    expect(asked).toEqual([{ Name: name, DocumentVersion: '$LATEST', DocumentFormat: 'JSON' }]);
  });

  it('is known by what it says, however it is written', async () => {
    const Content = JSON.stringify(turned(content), undefined, 4);
    expect(Content).not.toBe(ours);
    const { pin } = await pinned({ $LATEST: { Content, DocumentVersion: '4' } });
    expect(await pin).toEqual({ kind: 'pinned', version: '4' });
  });

  it('is the default one, where somebody has added a newer one of his own', async () => {
    const { pin } = await pinned({
      $LATEST: { Content: foreign, DocumentVersion: '5' },
      $DEFAULT: { Content: ours, DocumentVersion: '4' },
    });
    expect(await pin).toEqual({ kind: 'pinned', version: '4' });
  });

  it.each([
    ['one line of the script differs', ours.replace('set -u', 'set -eu')],
    ['a pattern is looser', ours.replaceAll('{0,253}', '{0,254}')],
    ['the lines of the script stand in another order', JSON.stringify(turnedScript())],
    ['it is no JSON', 'schemaVersion: "2.2"'],
  ])('is none when %s', async (_, Content) => {
    expect(Content).not.toBe(ours);
    const differing = { Content, DocumentVersion: '5' };
    const { pin } = await pinned({ $LATEST: differing, $DEFAULT: differing });
    expect(await pin).toEqual({
      kind: 'refused',
      reason: `the document ${name} in version 5 is not what this deployment published: nothing is sent; \`cdk deploy\` puts it right, unless somebody else made version 5: then delete that version`,
    });
  });

  it('is none when neither is ours: both are named', async () => {
    const { pin } = await pinned({
      $LATEST: { Content: foreign, DocumentVersion: '5' },
      $DEFAULT: { Content: foreign, DocumentVersion: '3' },
    });
    expect(await pin).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(' in version 5 and 3 is not '),
    });
  });

  it('is none of a document that is not there', async () => {
    const { pin } = await pinned({ $LATEST: new AwsFault('InvalidDocument', 'no') });
    expect(await pin).toEqual({
      kind: 'refused',
      reason: `the document ${name} is not there: nothing is sent; \`cdk deploy\` puts it right`,
    });
  });

  it('cannot be told when SSM does not say, or says something else', async () => {
    const refused = await pinned({ $LATEST: new AwsFault('AccessDeniedException', 'no') });
    await expect(refused.pin).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const odd = await pinned({ $LATEST: { Content: ours } });
    await expect(odd.pin).rejects.toThrow('DocumentVersion');
  });
});

function turnedScript() {
  const [step] = content.mainSteps;
  const runCommand = step!.inputs.runCommand.toReversed();
  return { ...content, mainSteps: [{ ...step, inputs: { ...step!.inputs, runCommand } }] };
}
