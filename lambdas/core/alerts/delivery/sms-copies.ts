// How many text messages a notice comes to: one for each number whose filter takes it.
import type { AlertLevel } from '../../model/service.ts';
import type { NoticeAttributes } from '../attributes.ts';

/** What a number gets: as with the filter policy of its subscription, one of each that is given. */
export type SmsFilter = Readonly<{
  levels?: readonly AlertLevel[] | undefined;
  projects?: readonly string[] | undefined;
  tags?: readonly string[] | undefined;
}>;
/** `monthlyLimit`: text messages in a UTC month, all numbers together. */
export type SmsRule = Readonly<{ monthlyLimit: number; numbers: readonly SmsFilter[] }>;

export const smsCopies = (attributes: NoticeAttributes, numbers: readonly SmsFilter[]): number =>
  numbers.filter(
    ({ levels, projects, tags }) =>
      isTaken(attributes['level'], levels) &&
      isTaken(attributes['project'], projects) &&
      isTaken(attributes['tags'], tags),
  ).length;

function isTaken(value: string | readonly string[] = [], wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || [value].flat().some((one) => wanted.includes(one));
}
