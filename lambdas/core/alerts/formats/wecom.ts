// WeCom: the Markdown message of a group robot, at most 4,096 bytes of UTF-8
// (developer.work.weixin.qq.com/document/path/91770); it answers 40058 to more.
import type { AlertLevel } from '../../model/service.ts';
import { bytesOf, cutToBytes } from '../bounded.ts';
import type { AlertDocument } from '../document.ts';
import { fitting } from './fit.ts';
import { markdownLines, plainText } from './markdown.ts';

const MOST_BYTES = 4_096;

/** Of the colours that it knows, green and orange. */
const colours: Readonly<Record<AlertLevel, string>> = {
  info: 'info',
  warning: 'warning',
  error: 'warning',
  critical: 'warning',
};

export function wecomBody(document: AlertDocument): string {
  const content = fitting(document, contentOf, (built) => bytesOf(built) <= MOST_BYTES);
  return JSON.stringify({ msgtype: 'markdown', markdown: { content: cutToBytes(content, MOST_BYTES) } });
}

const contentOf = (document: AlertDocument): string => {
  const { level, headline } = document;
  const heading = `### <font color="${colours[level]}">${level.toUpperCase()}</font> ${plainText(headline)}`;
  return [heading, ...markdownLines(document)].join('\n');
};
