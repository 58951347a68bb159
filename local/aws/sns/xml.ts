// The two formats of the query protocol: flat parameters in (`Attributes.entry.1.key=…`), XML documents out.
import { randomUUID } from 'node:crypto';

import { AwsFault } from '../wire.ts';

/** The error that SNS returns for nearly everything that is wrong with a request. */
export const invalid = (message: string) => new AwsFault('InvalidParameter', `Invalid parameter: ${message}`);

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escapeXml = (text: string) => text.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);

/** An element that contains text. */
export const xmlText = (name: string, text: string) => `<${name}>${escapeXml(text)}</${name}>`;
/** An element that contains elements, which are XML already. */
export const xmlElement = (name: string, ...inner: readonly string[]) => `<${name}>${inner.join('')}</${name}>`;
/** A map as SNS writes it. */
export function xmlMap(name: string, map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).map(([key, value]) =>
    xmlElement('entry', xmlText('key', key), xmlText('value', value)),
  );
  return xmlElement(name, ...entries);
}

/** The whole answer to one operation. */
export function snsAnswer(operation: string, ...result: readonly string[]): string {
  const metadata = xmlElement('ResponseMetadata', xmlText('RequestId', randomUUID()));
  const inner = xmlElement(`${operation}Result`, ...result) + metadata;
  return `<${operation}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${inner}</${operation}Response>`;
}

/** The entries of a flattened map, e.g. `Attributes.entry.1.key` and `.value`, by the given names of its two halves. */
export function readEntries(parameters: URLSearchParams, map: string, key: string, value: string): [string, string][] {
  const found: [string, string][] = [];
  for (let n = 1; parameters.has(`${map}.entry.${n}.${key}`); n += 1) {
    const at = `${map}.entry.${n}`;
    found.push([parameters.get(`${at}.${key}`) ?? '', parameters.get(`${at}.${value}`) ?? '']);
  }
  return found;
}
