// The fakes keep the same contract as the table.
import { fakeStores } from './fake-stores.ts';
import { describeStores } from './store-contract.ts';

describeStores('in memory', async (shards) => fakeStores(shards));
