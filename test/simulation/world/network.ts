// The network as the prober sees it: answers follow from what really ails a service, or from our own trouble.
import { judgeEcs } from '../../../lambdas/core/judging/judge-ecs.ts';
import type { Observation } from '../../../lambdas/core/model/observation.ts';
import type { EcsProbe, Probe } from '../../../lambdas/core/model/probe-spec.ts';
import type { Service } from '../../../lambdas/core/model/service.ts';
import type { Prober } from '../../../lambdas/ports/prober.ts';
import type { EcsStanding } from './ecs-standing.ts';
import type { Invocation } from './invocation.ts';
import type { SimService } from './sim-service.ts';
import type { World } from './world.ts';

const UNKNOWN: Observation = { verdict: 'unknown', cause: 'own_trouble', message: 'no network here' };
const CUT_OFF: Observation = { verdict: 'unknown', cause: 'own_trouble', message: 'cut off' };
type Line = Readonly<{ service: SimService; isReadiness: boolean }>;

export class Network {
  /** While this is above zero every verdict is `unknown`. */
  ownTroubles = 0;
  readonly #lines = new Map<Probe, Line>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  connect({ probe, readiness }: Service, service: SimService): void {
    this.#lines.set(probe, { service, isReadiness: false });
    if (readiness) this.#lines.set(readiness, { service, isReadiness: true });
  }

  /** The prober of one invocation. */
  seenBy(invocation: Invocation): Prober {
    return {
      probe: ({ probe }, signal) => {
        const line = this.#lines.get(probe);
        if (!line) return Promise.reject(new Error('a probe that nobody registered'));
        const answer = this.#answer(line, probe, invocation, signal);
        if (answer.cause === 'timeout') return this.#afterTimeout(line, answer, probe, invocation);
        this.#world.observer.looked(line.service, line.isReadiness, answer, invocation);
        return Promise.resolve(answer);
      },
    };
  }

  #answer({ service, isReadiness }: Line, probe: Probe, invocation: Invocation, signal: AbortSignal): Observation {
    const { chaos } = this.#world;
    if (signal.aborted) return CUT_OFF;
    if (this.ownTroubles > 0 || chaos.chance(chaos.weather.unknown)) {
      this.#world.stats.injected('look unknown');
      return UNKNOWN;
    }
    const standing = probe.kind === 'ecs' && this.#world.standings.get(service);
    if (standing) return this.#asksEcs(service, probe, standing, invocation);
    return isReadiness ? service.readiness : service.liveness;
  }

  /** The service's ailment leaves none of its tasks, or makes it slow; otherwise its tasks decide. */
  #asksEcs(service: SimService, probe: EcsProbe, standing: EcsStanding, { clock }: Invocation): Observation {
    const { liveness } = service;
    if (liveness.verdict === 'slow') return liveness;
    const isOut = liveness.verdict === 'down';
    const judged = judgeEcs(standing.stateNow(isOut), probe, clock.now());
    if (!isOut) this.#world.observer.askedEcs(service, probe, standing.shortage, judged.verdict);
    return judged;
  }

  /** A missing answer takes as long as the probe waits for one. */
  async #afterTimeout(line: Line, answer: Observation, probe: Probe, invocation: Invocation): Promise<Observation> {
    let seen = answer;
    try {
      await invocation.pause(probe.timeoutSeconds * 1000);
    } catch {
      seen = CUT_OFF;
    }
    this.#world.observer.looked(line.service, line.isReadiness, seen, invocation);
    return seen;
  }
}
