// The attributes that subscriptions filter by. Those of a group name everything in it, so that a receiver that would
// have got one of its alerts gets the group.
import { redact } from '../values/redact.ts';
import type { AlertDocument } from './document.ts';

/** A list becomes a `String.Array`, which a filter accepts if it accepts one of its values. */
export type NoticeAttributes = Readonly<Record<string, string | readonly string[]>>;

export function attributesOf({ kind, level, service, storm, group }: AlertDocument): NoticeAttributes {
  const held = storm ? [storm.group, ...(storm.within ?? [])] : [];
  const tags = Object.entries(service?.tags ?? {}).map(([name, value]) => redact(`${name}=${value}`));
  const all = {
    level: group ? group.levels : level,
    kind,
    service: group ? group.ids : service?.id,
    tenant: group ? group.tenants : service?.tenant,
    project: group ? group.projects : (service?.project ?? named(held, 'project ')),
    tags: group ? group.tags : [...tags, ...named(held, 'tag ')],
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]): [string, string | readonly string[]][] => {
      if (typeof value === 'string') return isEmpty(value) ? [] : [[name, clean(value)]];
      const some = (value ?? []).filter((one) => !isEmpty(one)).map(clean);
      // A single value stays a text, as that of an alert by itself is; tags are always a list.
      return some.length === 0 ? [] : [[name, some.length === 1 && name !== 'tags' ? some.join('') : some]];
    }),
  );
}

/**
 * The projects, or tags, in a storm: receivers that filter by them must get it, since its services send no alerts of
 * their own.
 */
const named = (groups: readonly string[], kind: string): readonly string[] =>
  groups.flatMap((group) => (group.startsWith(kind) ? [group.slice(kind.length)] : []));
/** SNS refuses an empty value, and with it the whole notice. */
const isEmpty = (text: string) => text === '';
/** SNS takes the characters of XML 1.0 and refuses a notice with any other. */
const clean = (text: string) => text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?');
