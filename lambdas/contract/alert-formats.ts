// The formats in which alerts are posted to receivers other than e-mail and SMS, and what keeps SMS away.
export const alertFormats = ['slack', 'teams', 'dingtalk', 'wecom', 'webhook'] as const;
export type AlertFormat = (typeof alertFormats)[number];

/** The attribute of a notice that is not for SMS, for the month has had its share. Their filter policies look for it. */
export const NO_SMS = 'no_sms';
