// One run of one function. Everything it asks of the outside goes through `call`, which may stall, fail, or be the last
// thing it does. An invocation that dies does nothing more: its calls are never answered, and none of its code goes on.
import { functionTimeoutSeconds } from '../../../lambdas/contract/limits.ts';
import type { Clock } from '../../../lambdas/ports/process.ts';
import type { Engine } from '../engine/engine.ts';
import type { Chaos, Fate } from './chaos.ts';
import { Memory } from './memory.ts';

export type FunctionName = 'schedule' | 'probe' | 'restart' | 'alert' | 'api' | 'rollup';
export type End = 'running' | 'done' | 'failed' | 'died';

/** Drifts are found by the rollup function, on a schedule of its own. */
const timeoutSeconds = { ...functionTimeoutSeconds, rollup: 60 };
/** How long before the function is killed its signal fires; the runtime's own number. */
const TOLD_BEFORE_MS = 800;
const CLOSED_BEFORE_MS = 100;

/** Throttled, refused or unreachable: a transient fault. */
export class Outage extends Error {
  override readonly name = 'Outage';
  readonly isTransient = true;
}
/** The rejection of a call once the function's signal has fired. */
class CutOff extends Error {
  override readonly name = 'AbortError';
}

export class Invocation {
  readonly id: number;
  readonly name: FunctionName;
  /** What it has seen and asked, for the observer. */
  readonly memory = new Memory();
  readonly startedAt: number;
  /** How far its clock is off, in ms. */
  readonly skewMs: number;
  /** Its one random number: the observer can replay its events with it. */
  readonly jitter: number;
  readonly clock: Clock = { now: () => this.#engine.now + this.skewMs };
  end: End = 'running';
  onDeath: () => void = () => undefined;
  readonly #cut = new AbortController();
  readonly #engine: Engine;
  readonly #chaos: Chaos;

  constructor(id: number, name: FunctionName, skewMs: number, engine: Engine, chaos: Chaos) {
    this.id = id;
    this.name = name;
    this.skewMs = skewMs;
    this.#engine = engine;
    this.#chaos = chaos;
    this.startedAt = engine.now;
    this.jitter = chaos.next();
  }

  get signal(): AbortSignal {
    return this.#cut.signal;
  }
  get isDead(): boolean {
    return this.end === 'died';
  }
  get #toldAt(): number {
    return this.startedAt + timeoutSeconds[this.name] * 1000 - TOLD_BEFORE_MS;
  }

  /**
   * Calls the outside. `act` happens at one instant of the world, or not at all. `given`: how it ends, if that is not a
   * matter of the weather.
   */
  call<T>(signal: AbortSignal, isWrite: boolean, act: () => T | Promise<T>, given?: Fate): Promise<T> {
    if (this.isDead) return never();
    if (signal.aborted) return Promise.reject(new CutOff('cut off'));
    // Orders and alerts are few, and matter most.
    const fate = given ?? this.#chaos.fateOf(isWrite, this.name === 'restart' || this.name === 'alert' ? 2.5 : 1);
    return fate === 'fine' ? settled(act) : this.#misfortune(fate, act);
  }

  /** A whole port, with the weather affecting every method; only the methods in `reads` do not write. */
  exposed<P extends object>(port: P, reads: readonly (keyof P & string)[]): P {
    const exposed: Record<string, (...args: unknown[]) => unknown> = {};
    for (const { name, run, isWrite } of methodsOf(port, reads))
      exposed[name] = (...args) => {
        const signal = args.find((arg) => arg instanceof AbortSignal) ?? this.signal;
        return this.call(signal, isWrite, () => run(...args));
      };
    return exposed as P;
  }

  /** Waits; rejects if its time is over meanwhile. */
  async pause(ms: number): Promise<void> {
    const wakeAt = this.#engine.now + ms;
    const toldAt = Math.max(this.#toldAt, this.#engine.now);
    await this.#engine.until(Math.min(wakeAt, toldAt));
    if (this.isDead) return await never();
    if (wakeAt < toldAt) return;
    // Its signal fires. If it still waits for something at the very end, it is killed.
    this.#cut.abort();
    this.#engine.at(this.startedAt + timeoutSeconds[this.name] * 1000 - CLOSED_BEFORE_MS, () => {
      if (this.end === 'running') this.die();
    });
    throw new CutOff('cut off');
  }

  die(): void {
    this.end = 'died';
    this.onDeath();
  }

  async #misfortune<T>(fate: Exclude<Fate, 'fine'>, act: () => T | Promise<T>): Promise<T> {
    switch (fate) {
      case 'stall_before':
        await this.pause(this.#chaos.stallMs());
        return await act();
      case 'stall_after': {
        const value = await act();
        await this.pause(this.#chaos.stallMs());
        return value;
      }
      case 'fail_before':
        throw THROTTLED;
      case 'fail_after':
        await act();
        throw NO_ANSWER;
      case 'die_before':
      case 'die_after':
        if (fate === 'die_after') await act();
        this.die();
        return await never();
    }
  }
}

type Method = Readonly<{ name: string; run: (...args: unknown[]) => unknown; isWrite: boolean }>;
/** Ports outlive the invocations that use them: their methods are listed once. */
const methodsKnown = new WeakMap<object, readonly Method[]>();

function methodsOf(port: object, reads: readonly string[]): readonly Method[] {
  const known = methodsKnown.get(port);
  if (known) return known;
  const methods = Object.entries(port).map(([name, run]) => ({ name, run, isWrite: !reads.includes(name) }));
  methodsKnown.set(port, methods);
  return methods;
}

// Created once: there are many of them, and their stack traces say nothing.
const THROTTLED = new Outage('throttled');
const NO_ANSWER = new Outage('no answer');
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

function settled<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
