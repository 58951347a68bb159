// Hosts under SSM: commands that run, fail, or never report, and agents that cannot be reached.
import type { RestartStep } from '../../../../lambdas/core/model/restart-spec.ts';
import type { Inspection, Progress, RestartOrder } from '../../../../lambdas/ports/restarter.ts';
import { type Backend, drawCourse, type Place } from './backend.ts';
import { remedyOf, works } from './remedy.ts';

type Command = {
  readonly id: string;
  readonly restartId: string;
  result: 'running' | 'success' | 'failed';
};

const STALE_MS = 5 * 60_000;

export class SsmBackend implements Backend {
  #awaySince = Infinity;
  readonly #place: Place;
  readonly #commands: Command[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  /** The host is stopping or gone: SSM takes no command for it. */
  get isAway(): boolean {
    return this.#awaySince < Infinity;
  }
  set isAway(isAway: boolean) {
    this.#awaySince = isAway ? this.#place.world.engine.now : Infinity;
  }

  /** For minutes after a host has gone SSM still says that its agent is online. */
  inspect(): Inspection {
    return this.#place.world.engine.now - this.#awaySince > STALE_MS
      ? { kind: 'refused', reason: `agent of ${this.#place.name} is ConnectionLost` }
      : { kind: 'ready', identity: '' };
  }

  find(_step: RestartStep, { restartId }: RestartOrder): string | undefined {
    return this.#commands.find((command) => command.restartId === restartId)?.id;
  }

  /** How the command of this order has ended, if it was sent. */
  resultOf(restartId: string): Command['result'] | undefined {
    return this.#commands.find((command) => command.restartId === restartId)?.result;
  }

  send(step: RestartStep, { restartId }: RestartOrder): string {
    const { world, service, name } = this.#place;
    const { engine } = world;
    const command: Command = { id: `${name}-${(world.handles += 1)}`, restartId, result: 'running' };
    this.#commands.push(command);
    if (this.#commands.length > 40) this.#commands.shift();
    const course = drawCourse(this.#place, step);
    // SSM ends commands that hang when the step's time is over.
    engine.at(engine.now + Math.min(course.takesMs, step.timeoutSeconds * 1000), () => {
      command.result = course.end === 'comes_up' ? 'success' : 'failed';
      if (course.end === 'comes_up') works(remedyOf(step), service, engine.now);
    });
    return command.id;
  }

  isMended(): void {
    this.isAway = false;
  }

  look(_step: RestartStep, { handle }: { handle: string }): Progress {
    const result = this.#commands.find(({ id }) => id === handle)?.result;
    if (result === 'running') return { kind: 'running', detail: '1 of 1 hosts have not finished' };
    return result === 'success'
      ? { kind: 'changed', identity: handle, detail: 'the script succeeded on 1 host' }
      : { kind: 'failed', reason: result ? 'exit code 1' : `SSM knows of no command ${handle}`, output: 'out' };
  }
}
