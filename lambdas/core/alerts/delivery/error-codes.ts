// What the `errcode` of DingTalk and WeCom means for the next try. Both answer 200 whatever they think of a message.

/** Seconds that pass before it may be taken, or that it never will be. */
export type CodeMeaning = Readonly<{ kind: 'later'; afterSeconds: number }> | Readonly<{ kind: 'never' }>;

const MINUTE = 60;
const never: CodeMeaning = { kind: 'never' };
const after = (afterSeconds: number): CodeMeaning => ({ kind: 'later', afterSeconds });

/**
 * Custom robots of DingTalk: open.dingtalk.com/document/orgapp/custom-robots-send-group-messages ("20 messages a minute;
 * more are shut out for ten minutes"). What stands apart is older and still seen: 130101, 300001 and 460101 in Alibaba
 * Cloud's list of the codes of DingTalk robots, 300005 and 90030 from the endpoint itself.
 */
const ofDingtalk: Readonly<Record<number, CodeMeaning>> = {
  [-1]: after(MINUTE), // busy
  130101: after(MINUTE), // more than 20 in a minute
  410100: after(10 * MINUTE), // sent too fast, and shut out for it
  90030: after(60 * MINUTE), // the robot's calls of the day are used up
  310000: never, // its security settings: signature, keyword, address
  300001: never, // no such token
  300005: never,
  400101: never,
  400013: never, // the chat was dissolved
  400102: never, // the robot was stopped
  400106: never, // no such robot
  400105: never, // no such kind of message
  40035: never, // a field is missing
  43004: never, // the content type
  460101: never, // too long
  430101: never, // a link that it takes for unsafe; a text, an image, a content that it will not have
  430102: never,
  430103: never,
  430104: never,
};

/**
 * Robots of WeCom: developer.work.weixin.qq.com/document/path/90313 (all codes; "a limit ends by itself as long after as
 * it counts", which for robots is a minute: path/91770).
 */
const ofWecom: Readonly<Record<number, CodeMeaning>> = {
  [-1]: after(MINUTE), // busy
  45009: after(MINUTE), // more than 20 in a minute
  45033: after(MINUTE), // too many at once
  93000: never, // no such address, or the robot was taken out of the chat
  93004: never, // the robot was stopped
  93008: never, // it is not in the chat
  40008: never, // no such kind of message
  40033: never, // characters that it does not take
  40035: never, // a wrong field
  40058: never, // a field too long
  40063: never, // an empty field
  44004: never, // an empty text
  45002: never, // too long
};

/** A code that is not known may be a limit: losing an alert is worse than trying in vain. */
const unknown = after(MINUTE);

export const meaningOf = (format: 'dingtalk' | 'wecom', code: number): CodeMeaning =>
  (format === 'dingtalk' ? ofDingtalk : ofWecom)[code] ?? unknown;
