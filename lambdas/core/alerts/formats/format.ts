// An alert as a request to a receiver: which body each format takes. Pure; who delivers it adds address and signature.
import type { AlertFormat } from '../../../contract/alert-formats.ts';
import type { AlertDocument } from '../document.ts';
import { dingtalkBody } from './dingtalk.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';
import { webhookBody } from './webhook.ts';
import { wecomBody } from './wecom.ts';

export type Formatted = Readonly<{ body: string; headers: Readonly<Record<string, string>> }>;

const bodies: Readonly<Record<AlertFormat, (document: AlertDocument) => string>> = {
  slack: slackBody,
  teams: teamsBody,
  dingtalk: dingtalkBody,
  wecom: wecomBody,
  webhook: webhookBody,
};

/** The body of a POST, within what the receiver takes, and the headers that say what it is. */
export const formatFor = (format: AlertFormat, document: AlertDocument): Formatted => ({
  body: bodies[format](document),
  headers: { 'content-type': 'application/json; charset=utf-8' },
});
