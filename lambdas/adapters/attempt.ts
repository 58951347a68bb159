// The time and the sockets of one probe: one deadline over everything, the caller's abort, and a latency free of our
// own delays.
import type { Socket } from 'node:net';

import type { Observation } from '../core/model/observation.ts';
import { moment, queuedMs, unwatchLoop, watchLoop } from './loop-watch.ts';
import { down, observationOfError, ownTrouble, secretUnavailable } from './probe-fault.ts';

/** What is being waited for; it decides what a timeout means. */
type Phase = 'its secrets' | 'its name' | 'a connection' | 'the TLS handshake' | 'an answer' | 'the whole body';

/** The share of the timeout that our own event loop may have used up before a timeout counts as our own trouble. */
const OWN_SHARE = 0.1;

/**
 * Carries out one probe and always ends within `timeoutMs` (plus one turn of the event loop, in which an answer that is
 * already in the kernel is still taken). The work calls `arrived` for every socket event, which measures how long that
 * event was queued behind other work of this process; latency is measured without it. A timeout is `down` only if the
 * service really had the time: if the loop used up more than a tenth of it, it is `unknown`.
 */
export class Attempt {
  phase: Phase = 'its name';
  readonly #timeoutMs: number;
  readonly #begun = moment();
  readonly #sockets: Socket[] = [];
  #last = this.#begun;
  #queued = 0;
  #hasEnded = false;
  #firstDial = { at: this.#begun.at, queued: 0 };

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Must be called first in the callback of each event that the next step waited for. */
  arrived(): void {
    const now = moment();
    this.#queued += queuedMs(now, this.#last);
    this.#last = now;
  }

  /** Takes over a socket that is being dialled; latency counts from the first one. */
  dialled(socket: Socket): void {
    this.#sockets.push(socket);
    // A lookup that finished after the end must not leave a connection behind.
    if (this.#hasEnded) socket.destroy();
    if (this.#sockets.length > 1) return;
    this.#last = moment();
    this.#firstDial = { at: this.#last.at, queued: this.#queued };
  }

  /** Whole ms from the first dial to the last event that arrived, without our own delays. */
  latencyMs(): number {
    return Math.round(this.#last.at - this.#firstDial.at - (this.#queued - this.#firstDial.queued));
  }

  /** Never rejects: an error thrown by `work` is judged by its code. Destroys every socket at the end. */
  run(work: (attempt: Attempt) => Promise<Observation>, signal: AbortSignal): Promise<Observation> {
    return new Promise((resolve) => {
      const cut = () => end(ownTrouble('the probe was cut off'));
      const end = (observation: Observation) => {
        if (!deadline) return;
        clearTimeout(deadline);
        deadline = undefined;
        this.#hasEnded = true;
        unwatchLoop();
        signal.removeEventListener('abort', cut);
        for (const socket of this.#sockets) socket.destroy();
        resolve(observation);
      };
      watchLoop();
      let deadline: NodeJS.Timeout | undefined = setTimeout(
        () => setImmediate(() => end(this.#timedOut())),
        this.#timeoutMs,
      );
      if (signal.aborted) return cut();
      signal.addEventListener('abort', cut);
      work(this).then(end, (error: unknown) => end(observationOfError(error)));
    });
  }

  #timedOut(): Observation {
    const given = moment().at - this.#begun.at - this.#queued;
    const seconds = this.#timeoutMs / 1000;
    if (given < this.#timeoutMs * (1 - OWN_SHARE))
      return ownTrouble(`Lamplighter was too busy to wait ${seconds} s for ${this.phase}`);
    if (this.phase === 'its secrets') return secretUnavailable(`the secrets were not read within ${seconds} s`);
    if (this.phase === 'its name') return ownTrouble(`the name was not looked up within ${seconds} s`);
    return down('timeout', `waited ${seconds} s in vain for ${this.phase}`);
  }
}
