// The formats in which alerts are posted to receivers other than e-mail and SMS.
export const alertFormats = ['slack', 'teams', 'dingtalk', 'wecom', 'webhook'] as const;
export type AlertFormat = (typeof alertFormats)[number];
