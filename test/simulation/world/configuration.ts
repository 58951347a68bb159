// The configuration of one service on its host: the present one, the backup, and what comes with the next `after` hook.
// One that does not work makes the service ill until the one before is restored.
import type { Ailment, SimService } from './sim-service.ts';

export class Configuration {
  /** Numbers the configurations; people bring a new one with every hook, if there is one. */
  version = 1;
  /** The next `after` hook brings a configuration with which the service does not run. */
  hasBrokenNext = false;
  #saved: number | undefined;
  #newest = 1;
  #ailment: Ailment | undefined;

  save(): void {
    this.#saved = this.version;
  }

  /** What the hook brings. */
  bringsNew(service: SimService): void {
    if (!this.hasBrokenNext) return;
    this.hasBrokenNext = false;
    this.version = this.#newest += 1;
    this.#ailment = {
      kind: 'broken configuration',
      verdict: 'down',
      cause: 'wrong_status',
      isHealedByRestart: false,
    };
    service.suffers(this.#ailment);
  }

  putBack(service: SimService, now: number): void {
    if (this.#saved === undefined) return;
    this.version = this.#saved;
    if (this.#ailment) service.isRidOf(this.#ailment, now);
    this.#ailment = undefined;
  }
}
