// The queues between the functions. All of them deliver at least once.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { CheckMessage, PackMessage, StormMessage, WindowMessage } from '../contract/messages.ts';
import type { Intent } from '../core/model/intents.ts';
import type { ServiceKey } from './service-store.ts';

export interface StormQueue {
  /**
   * Asks the alert function to tell the news of a storm after `delaySeconds`. At least once: it reads the item first.
   */
  tell(message: StormMessage, delaySeconds: number, signal: AbortSignal): Promise<void>;
}

export interface WindowQueue {
  /** Has a window looked at after `delaySeconds`; more than 15 minutes become 15 minutes. */
  look(message: WindowMessage, delaySeconds: number, signal: AbortSignal): Promise<void>;
}

export type Handover = Readonly<{ key: ServiceKey; intents: readonly Intent[] }>;

export interface Outbox {
  /** Hands intents to the queues of the functions that carry them out. At least once: these read the item first. */
  hand(handovers: readonly Handover[], correlationId: string, signal: AbortSignal): Promise<void>;
}

export interface ProbeQueue {
  /** One message per pack; `delaySeconds` (0…900) spreads the beats inside a minute. */
  sendPacks(packs: readonly { message: PackMessage; delaySeconds: number }[], signal: AbortSignal): Promise<void>;
  sendCheck(message: CheckMessage, signal: AbortSignal): Promise<void>;
}

export interface RestartQueue {
  /** Sends the restart's message again after `delaySeconds`: the queue is the timer. */
  again(
    message: { key: ServiceKey; restartId: string; correlationId: string },
    delaySeconds: number,
    signal: AbortSignal,
  ): Promise<void>;
}
