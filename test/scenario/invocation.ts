// An invocation that can be killed: every side effect has a number, and at the chosen one it dies, before the effect or
// after it. What is dead does nothing more: each later call of its ports throws, reads included.

/** What a killed invocation throws; nothing in the code under test knows it. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export type Death = Readonly<{ at: number; when: 'before' | 'after' }>;

/** Every side effect of a story, numbered across its invocations. */
export class Story {
  readonly #death: Death | undefined;
  #count = 0;
  readonly names: string[] = [];
  /** What the invocation that died had really done, in order. */
  lastWords: readonly string[] | undefined;
  constructor(death?: Death) {
    this.#death = death;
  }

  begin(): Invocation {
    return new Invocation(this);
  }

  /** The turn of the next effect: whether its invocation dies at it, and on which side. */
  next(name: string): Death['when'] | undefined {
    this.names.push(name);
    const number = this.#count;
    this.#count += 1;
    return number === this.#death?.at ? this.#death.when : undefined;
  }
}

export class Invocation {
  readonly #story: Story;
  readonly #done: string[] = [];
  #isDead = false;
  constructor(story: Story) {
    this.#story = story;
  }

  /** A port whose methods named in `effects` write or send; the others read. */
  mortal<P extends object>(name: string, port: P, effects: readonly (keyof P & string)[]): P {
    const wrapped = Object.entries(port).map(([method, run]) => {
      const isEffect = effects.some((effect) => effect === method);
      const call = async (...args: unknown[]) =>
        isEffect ? await this.#act(`${name}.${method}`, () => run(...args)) : await this.#read(() => run(...args));
      return [method, call];
    });
    return Object.fromEntries(wrapped) as P;
  }

  async #read(run: () => unknown): Promise<unknown> {
    if (this.#isDead) throw new Crash('dead');
    return await run();
  }

  async #act(name: string, run: () => unknown): Promise<unknown> {
    if (this.#isDead) throw new Crash('dead');
    const death = this.#story.next(name);
    if (death === 'before') this.#die();
    const value = await run();
    this.#done.push(name);
    if (death === 'after') this.#die();
    return value;
  }

  #die(): never {
    this.#isDead = true;
    this.#story.lastWords = this.#done;
    throw new Crash('killed');
  }
}
