// One queue of one-machine mode: its messages, the receivers that wait, and when a message becomes visible (again).
// Whatever was answered is on disk before the answer, so a SIGKILL loses nothing and an unfinished message comes back
// by itself.
import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { Collection } from '../../storage.ts';

export const messageAttributesSchema = z.record(
  z.string(),
  z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
);
export type MessageAttributes = z.infer<typeof messageAttributesSchema>;

export const messageSchema = z.object({
  id: z.string(),
  body: z.string(),
  attributes: messageAttributesSchema,
  /** Order of arrival among messages of the same millisecond. */
  order: z.number(),
  sentAt: z.number(),
  /** Hidden until then: delayed if `receiveCount` is 0, otherwise held by a receiver. */
  visibleAt: z.number(),
  receiveCount: z.number(),
  firstReceivedAt: z.number().optional(),
  deadLetterSource: z.string().optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** `moveDead` takes a message that was received too often; it resolves once the message is safe elsewhere. */
export type QueueRules = {
  retentionMs: number;
  maxReceiveCount: number | undefined;
  moveDead: (message: Message) => Promise<void>;
};
type Waiter = { max: number; visibilityMs: number; take: (messages: Message[]) => void };

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Queue {
  private readonly messages: Map<string, Message>;
  private readonly disk: Collection<Message>;
  private readonly now: () => number;
  private readonly waiters = new Set<Waiter>();
  private order: number;
  private timer: NodeJS.Timeout | undefined;
  rules: QueueRules;

  private constructor(found: readonly Message[], disk: Collection<Message>, rules: QueueRules, now: () => number) {
    const sorted = [...found].sort((a, b) => a.sentAt - b.sentAt || a.order - b.order);
    this.messages = new Map(sorted.map((message) => [message.id, message]));
    this.order = Math.max(0, ...found.map(({ order }) => order));
    this.disk = disk;
    this.rules = rules;
    this.now = now;
  }

  static async open(disk: Collection<Message>, rules: QueueRules, now: () => number): Promise<Queue> {
    const entries = await disk.all();
    return new Queue(
      entries.map(([, message]) => message),
      disk,
      rules,
      now,
    );
  }

  /** Resolves when the message is on disk. */
  async send(body: string, attributes: MessageAttributes, delayMs: number): Promise<Message> {
    const sentAt = this.now();
    const common = { id: randomUUID(), body, attributes, sentAt, receiveCount: 0, order: ++this.order };
    return await this.add({ ...common, visibleAt: sentAt + delayMs });
  }

  async add(message: Message): Promise<Message> {
    await this.disk.put(message.id, message);
    this.messages.set(message.id, message);
    this.serve();
    return message;
  }

  /** Up to `max` messages: at once if there are any, else the first that become visible within `waitMs`; maybe none. */
  async receive(max: number, visibilityMs: number, waitMs: number): Promise<readonly Message[]> {
    const { promise, resolve } = Promise.withResolvers<Message[]>();
    const waiter: Waiter = { max, visibilityMs, take: resolve };
    const patience = setTimeout(() => this.dismiss(waiter), Math.max(0, waitMs));
    this.waiters.add(waiter);
    this.serve();
    if (waitMs <= 0) this.dismiss(waiter);
    const taken = await promise.finally(() => clearTimeout(patience));
    await Promise.all(taken.map((message) => this.save(message)));
    return taken;
  }

  /** `undefined` if the message is gone. Only the newest receiver's hold counts, recognized by `receiveCount`. */
  held(id: string, receiveCount: number): Message | undefined {
    const message = this.messages.get(id);
    return message?.receiveCount === receiveCount ? message : undefined;
  }

  async hide(message: Message, forMs: number): Promise<void> {
    message.visibleAt = this.now() + forMs;
    await this.save(message);
    this.serve();
  }

  async remove(id: string): Promise<void> {
    this.messages.delete(id);
    await this.disk.remove(id);
  }

  async purge(): Promise<void> {
    await Promise.all([...this.messages.keys()].map((id) => this.remove(id)));
  }

  counts(): { visible: number; held: number; delayed: number } {
    const now = this.now();
    const hidden = [...this.messages.values()].filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: this.messages.size - hidden.length, held: hidden.length - delayed, delayed };
  }

  /** Answers all waiting receivers with nothing. */
  close(): void {
    clearTimeout(this.timer);
    for (const waiter of [...this.waiters]) this.dismiss(waiter);
  }

  /** A message deleted while it was being written must not come back from the disk. */
  private async save(message: Message): Promise<void> {
    await this.disk.put(message.id, message);
    if (!this.messages.has(message.id)) await this.disk.remove(message.id);
  }

  private dismiss(waiter: Waiter): void {
    if (this.waiters.delete(waiter)) waiter.take([]);
  }

  /** Gives visible messages to the longest waiting receiver, and runs again when the next message becomes visible. */
  private serve(): void {
    for (const waiter of [...this.waiters]) {
      const taken = this.take(waiter.max, waiter.visibilityMs);
      if (taken.length === 0) break;
      this.waiters.delete(waiter);
      waiter.take(taken);
    }
    clearTimeout(this.timer);
    if (this.waiters.size === 0 || this.messages.size === 0) return;
    let next = Infinity;
    for (const { visibleAt } of this.messages.values()) next = Math.min(next, visibleAt);
    this.timer = setTimeout(() => this.serve(), Math.min(LONGEST_TIMER_MS, Math.max(0, next - this.now())));
  }

  private take(max: number, visibilityMs: number): Message[] {
    const now = this.now();
    const taken: Message[] = [];
    for (const message of this.messages.values()) {
      if (taken.length === max) break;
      if (message.visibleAt > now) continue;
      if (message.sentAt + this.rules.retentionMs <= now) this.forget(message.id);
      else if (message.receiveCount >= (this.rules.maxReceiveCount ?? Infinity)) this.bury(message);
      else {
        message.receiveCount += 1;
        message.firstReceivedAt ??= now;
        message.visibleAt = now + visibilityMs;
        taken.push(message);
      }
    }
    return taken;
  }

  /** A message that stays on disk in spite of this comes again after a restart, which at-least-once delivery allows. */
  private forget(id: string): void {
    this.remove(id).catch(() => undefined);
  }

  private bury(message: Message): void {
    this.messages.delete(message.id);
    this.rules.moveDead(message).then(
      () => this.forget(message.id),
      () => this.messages.set(message.id, { ...message, visibleAt: this.now() + 1000 }),
    );
  }
}
