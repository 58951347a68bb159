// How people and machines are alerted, one by one or in groups, and how text messages are counted.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { GroupPlace, WindowKind, Windows } from '../core/alerts/group.ts';
import type { BusEntry } from '../core/bus/entries.ts';

/** A message to people, and the attributes that subscriptions filter by. */
export type Notice = Readonly<{
  subject: string;
  email: string;
  sms: string;
  json: string;
  /** A list is one attribute with many values: a filter that accepts one of them accepts the notice. */
  attributes: Readonly<Record<string, string | readonly string[]>>;
}>;

export interface AlertSink {
  /**
   * Resolves once SNS has taken it; only then may the caller strike it off. An error with `wasRefused: true` says that
   * SNS refused it, or was not reached, at every try; after any other error it may have taken it. Ends within seconds:
   * the event bus must not wait for it.
   */
  publish(notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface EventBus {
  /**
   * Puts entries on the bus and returns the keys of those that it did not take; the caller makes sure that these come
   * again. Never rejects, and ends within seconds: people must not wait for it.
   */
  put(entries: readonly BusEntry[], signal: AbortSignal): Promise<readonly NotTaken[]>;
}

export type NotTaken = Readonly<{ key: string; reason: string }>;

export interface SmsCounter {
  /**
   * Adds `copies` to the number sent in the month of `at`, unless that would exceed `limit`: then nothing is added, and
   * the answer is `false`. Call it before they are sent: copies that were counted may have been sent.
   */
  count(at: number, copies: number, limit: number, signal: AbortSignal): Promise<boolean>;
  /** Takes back what was counted at `at` and then refused. */
  giveBack(at: number, copies: number, signal: AbortSignal): Promise<void>;
  /**
   * Claims the right to tell people that the limit is reached. Returns the number sent in the month, or undefined if
   * people were told already, or another invocation has claimed it.
   */
  claimWarning(at: number, until: number, signal: AbortSignal): Promise<number | undefined>;
  /** People were told that the limit is reached. */
  warned(at: number, signal: AbortSignal): Promise<void>;
}

export interface AlertWindows {
  /** The present windows; empty ones if nothing was ever collected there. */
  read(place: GroupPlace, signal: AbortSignal): Promise<Windows>;
  /** Writes them if the stored version is the one before theirs. `false`: another writer was faster; read again. */
  save(place: GroupPlace, windows: Windows, signal: AbortSignal): Promise<boolean>;
  /**
   * Puts a document (JSON) into this window under its deduplication key; twice is the same as once. `false`: the window
   * is gone or full; read again.
   */
  add(place: GroupPlace, into: WindowEntry, signal: AbortSignal): Promise<boolean>;
  /** The windows of every place. */
  all(signal: AbortSignal): Promise<readonly Readonly<{ place: GroupPlace; windows: Windows }>[]>;
}

type WindowEntry = Readonly<{ kind: WindowKind; windowId: string; key: string; document: string }>;
