import { describe, expect, it } from 'vitest';

import { advanceService, deploy, launched, scale, stopTask, taskEnded } from '../../local/aws/ecs/deployments.ts';
import { livingTask, type ServiceRecord } from '../../local/aws/ecs/record.ts';

const settings = { port: 80, stopTimeoutSeconds: 5, startTimeoutSeconds: 30, replaceStoppedTasks: false };
const up = { alive: true, listening: true };
const mute = { alive: true, listening: false };
const dead = { alive: false, listening: false };
const empty: ServiceRecord = {
  ...{ cluster: 'prod', service: 'api', status: 'ACTIVE', createdAt: 0, desiredCount: 1, configuredCount: 1 },
  ...{ deployments: [], tasks: [] },
};
let tasks = 0;
const turn = (record: ServiceRecord, sight: typeof up, now: number, more = {}) =>
  advanceService(record, sight, { ...settings, ...more }, { taskId: `t${(tasks += 1)}`, now });
/** A service whose first deployment was begun at 0 and whose process runs. */
const begun = () => launched(turn(deploy(empty, 'a', 0), dead, 0).record, { pid: 1, startTicks: 1 }, 0);
const running = () => turn(begun(), up, 1).record;
const states = (record: ServiceRecord) =>
  record.deployments.map((one) => `${one.id} ${one.status} ${one.rolloutState}`);

describe('the rollout of a local service', () => {
  it('launches once for each deployment', () => {
    const first = turn(deploy(empty, 'a', 0), dead, 0);
    expect(first.act).toEqual({ kind: 'launch', taskId: livingTask(first.record)?.id });
    const ended = taskEnded(first.record, { reason: 'x' }, settings, 1);
    expect(states(ended)).toEqual(['a PRIMARY FAILED']);
    expect(turn(ended, dead, 60_000)).toEqual({ record: ended });
  });

  it('changes nothing while it waits, so that nothing is written', () => {
    const record = begun();
    expect(turn(record, mute, 29_999).record).toBe(record);
    const stopping = turn(deploy(running(), 'b', 10), up, 10).record;
    expect(turn(stopping, up, 11)).toEqual({ record: stopping });
    expect(turn(stopping, up, 11).record).toBe(stopping);
    expect(turn(running(), up, 1e9).act).toBeUndefined();
  });

  it('sends SIGTERM once and SIGKILL when the time is up', () => {
    const asked = turn(deploy(running(), 'b', 10), up, 10);
    expect(asked.act).toMatchObject({ kind: 'signal', signal: 'SIGTERM' });
    expect(turn(asked.record, up, 5_009).act).toBeUndefined();
    expect(turn(asked.record, up, 5_010).act).toMatchObject({ kind: 'signal', signal: 'SIGKILL' });
  });

  it('keeps a superseded deployment only while its task lives', () => {
    const second = deploy(running(), 'b', 10);
    const ended = taskEnded(second, { reason: 'x' }, settings, 11);
    expect(states(ended)).toEqual(['b PRIMARY IN_PROGRESS', 'a ACTIVE COMPLETED']);
    expect(states(deploy(second, 'c', 12)).map((state) => state[0])).toEqual(['c', 'b', 'a']);
    expect(states(deploy(ended, 'c', 12)).map((state) => state[0])).toEqual(['c', 'b']);
  });

  it('fails a deployment whose only task somebody stopped, and none whose task makes room for another', () => {
    expect(states(taskEnded(stopTask(begun(), 'by hand'), { reason: 'x' }, settings, 1))).toEqual(['a PRIMARY FAILED']);
    const again = taskEnded(deploy(begun(), 'b', 1), { reason: 'x' }, settings, 2);
    expect(states(again)[0]).toBe('b PRIMARY IN_PROGRESS');
    const zero = taskEnded(scale(begun(), 0, 1), { reason: 'x' }, settings, 2);
    expect(states(turn(zero, dead, 3).record)).toEqual(['a PRIMARY COMPLETED']);
  });

  it('replaces a task a second after it ended, if told to, and never in a failed deployment', () => {
    const replacing = { ...settings, replaceStoppedTasks: true };
    const ended = taskEnded(running(), { reason: 'x' }, replacing, 100);
    expect(turn(ended, dead, 1_099).act).toBeUndefined();
    expect(turn(ended, dead, 1_100).act).toMatchObject({ kind: 'launch' });
    expect(turn(taskEnded(running(), { reason: 'x' }, settings, 100), dead, 60_000).act).toBeUndefined();
    const failed = taskEnded(begun(), { reason: 'x' }, replacing, 100);
    expect(turn(failed, dead, 1_100).act).toBeUndefined();
  });

  it('goes on with a task that is still there when 0 becomes 1 again, and launches none beside or after it', () => {
    const record = scale(scale(running(), 0, 10), 1, 11);
    expect(turn(record, up, 12)).toEqual({ record });
    expect(turn(taskEnded(record, { reason: 'x' }, settings, 13), dead, 14).act).toBeUndefined();
    const late = scale(stopTask(scale(running(), 0, 10), 'zero'), 1, 11);
    expect(turn(taskEnded(late, { reason: 'x' }, settings, 13), dead, 14).act).toMatchObject({ kind: 'launch' });
  });

  it('remembers ten tasks and the first reason for a stop', () => {
    let record = running();
    for (let n = 0; n < 12; n += 1) {
      record = taskEnded(record, { reason: `end ${n}` }, settings, n);
      record = launched(turn(deploy(record, `d${n}`, n), dead, n).record, { pid: 1, startTicks: 1 }, n);
    }
    expect(record.tasks).toHaveLength(10);
    expect(record.tasks[1]?.stoppedReason).toBe('end 11');
    expect(livingTask(stopTask(stopTask(record, 'first'), 'second'))?.stopReason).toBe('first');
  });
});
