// The table's expressions where others implemented DynamoDB: the same contract that the embedded engine and the fakes
// keep. Not asserted: page sizes (MiniStack gives one page), consumed capacity, and that anything expires.
import { randomUUID } from 'node:crypto';

import { openTable } from '../../lambdas/adapters/dynamo-client.ts';
import { makeTable } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { describeStores } from '../fakes/store-contract.ts';
import { clientsOf, ministack, moto } from './where.ts';

for (const emulator of [moto, ministack]) {
  const { dynamo } = clientsOf(emulator);
  describeStores(emulator.name, async (shards) => {
    const name = `contract-${randomUUID()}`;
    await makeTable(dynamo, name);
    return openStores(openTable(name, dynamo), shards);
  });
}
