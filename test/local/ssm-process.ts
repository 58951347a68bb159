// A process that holds a local SSM and is there to be killed: prints its port and goes on until then.
import { openSsm } from './ssm-host.ts';

const [folder = '', config = '{}'] = process.argv.slice(2);
const host = await openSsm(folder, JSON.parse(config));
process.stdout.write(`${host.port}\n`);
