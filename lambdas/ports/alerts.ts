// How people and machines are told, alone or together, and how what was told is counted.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { GroupPlace, WindowKind, Windows } from '../core/alerts/group.ts';
import type { BusEntry } from '../core/bus/entries.ts';

/** A message to people, and the attributes that subscriptions filter by. */
export type Notice = Readonly<{
  subject: string;
  email: string;
  sms: string;
  json: string;
  /** A list is one attribute of many values: a filter that takes one of them takes the notice. */
  attributes: Readonly<Record<string, string | readonly string[]>>;
}>;

export interface AlertSink {
  /**
   * Resolves once SNS has taken it; whoever called strikes it off then, and not before. An error with `wasRefused: true`
   * says that SNS said no, or was not reached, at every try; with any other it may have taken it. Ends within seconds: the
   * event bus must not wait for it.
   */
  publish(notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface EventBus {
  /**
   * Puts entries on the bus and gives the keys of those that it did not take; whoever called sees to it that these come
   * again. Never rejects, and ends within seconds: people must not wait for it.
   */
  put(entries: readonly BusEntry[], signal: AbortSignal): Promise<readonly NotTaken[]>;
}

export type NotTaken = Readonly<{ key: string; reason: string }>;

export interface SmsCounter {
  /**
   * Adds `copies` to what was sent in the month of `at`, unless that would be more than `limit`: then nothing is added,
   * and the answer is `false`. Call it before they are sent, for what was counted may have been sent.
   */
  count(at: number, copies: number, limit: number, signal: AbortSignal): Promise<boolean>;
  /** Takes back what was counted at `at` and then refused. */
  giveBack(at: number, copies: number, signal: AbortSignal): Promise<void>;
  /**
   * Who may tell people that the limit is reached: gives what was sent in the month, or undefined where it was told
   * already, or is being told by another until `until`.
   */
  claimWarning(at: number, until: number, signal: AbortSignal): Promise<number | undefined>;
  /** They were told. */
  warned(at: number, signal: AbortSignal): Promise<void>;
}

export interface AlertWindows {
  /** As they stand now; none when nothing was ever collected there. */
  read(place: GroupPlace, signal: AbortSignal): Promise<Windows>;
  /** Writes them if the version before theirs is what stands there. `false`: somebody was faster; read again. */
  save(place: GroupPlace, windows: Windows, signal: AbortSignal): Promise<boolean>;
  /**
   * Puts a document (JSON) into this window under its deduplication key; twice is once. `false`: the window is not there
   * any more, or full; read again.
   */
  add(place: GroupPlace, into: WindowEntry, signal: AbortSignal): Promise<boolean>;
  /** Those of every place. */
  all(signal: AbortSignal): Promise<readonly Readonly<{ place: GroupPlace; windows: Windows }>[]>;
}

type WindowEntry = Readonly<{ kind: WindowKind; windowId: string; key: string; document: string }>;
