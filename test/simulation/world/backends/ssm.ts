// Hosts under SSM: commands that run, fail, or never report, and agents that cannot be reached.
import type { Inspection, Progress, RestartOrder } from '../../../../lambdas/ports.ts';
import { type Backend, drawCourse, type Place } from './backend.ts';

type Command = {
  readonly id: string;
  readonly restartId: string;
  result: 'running' | 'success' | 'failed';
};

export class SsmBackend implements Backend {
  /** The agent does not answer. */
  isAway = false;
  readonly #place: Place;
  readonly #commands: Command[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  inspect(): Inspection {
    return this.isAway
      ? { kind: 'refused', reason: `agent of ${this.#place.name} is ConnectionLost` }
      : { kind: 'ready', identity: '' };
  }

  find({ restartId }: RestartOrder): string | undefined {
    return this.#commands.find((command) => command.restartId === restartId)?.id;
  }

  send({ restartId }: RestartOrder, timeoutMs: number): string {
    const { world, service, name } = this.#place;
    const { engine } = world;
    const command: Command = { id: `${name}-${(world.handles += 1)}`, restartId, result: 'running' };
    this.#commands.push(command);
    if (this.#commands.length > 12) this.#commands.shift();
    const course = drawCourse(this.#place, timeoutMs);
    // SSM ends what hangs when the step's time is over.
    engine.at(engine.now + Math.min(course.takesMs, timeoutMs), () => {
      command.result = course.end === 'comes_up' ? 'success' : 'failed';
      if (course.end === 'comes_up') service.isRestarted(engine.now);
    });
    return command.id;
  }

  isMended(): void {
    this.isAway = false;
  }

  look({ handle }: { handle: string }): Progress {
    const result = this.#commands.find(({ id }) => id === handle)?.result;
    if (result === 'running') return { kind: 'running', detail: '1 of 1 hosts have not finished' };
    return result === 'success'
      ? { kind: 'changed', identity: handle, detail: 'the script succeeded on 1 hosts' }
      : { kind: 'failed', reason: result ? 'exit code 1' : `SSM knows of no command ${handle}`, output: 'out' };
  }
}
