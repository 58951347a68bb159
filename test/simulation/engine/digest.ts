// A running hash of everything that happens: two runs that differ anywhere have different digests.

export class Digest {
  #high = 0x811c9dc5 | 0;
  #low = 0x2f0b4c47 | 0;

  add(value: number): void {
    this.#high = Math.imul(this.#high ^ (value | 0), 0x01000193);
    this.#low = (Math.imul(this.#low, 0x85ebca6b) + ((value | 0) ^ (this.#high >>> 13))) | 0;
  }

  text(value: string): void {
    for (let n = 0; n < value.length; n += 1) this.add(value.charCodeAt(n));
  }

  get value(): string {
    return [this.#high, this.#low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
