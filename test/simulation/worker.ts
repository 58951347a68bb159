// A thread that plays seeds: it gets one at a time and answers with the outcome.
import { parentPort, workerData } from 'node:worker_threads';

import { run } from './run.ts';

const { days } = workerData as { days: number };
parentPort?.on('message', (seed: number) => void run(seed, days).then((outcome) => parentPort?.postMessage(outcome)));
