// Bundles one function in a process of its own, for the stack: `node main.ts <entry> <outfile>`. The CDK waits for its
// assets without yielding, and esbuild takes plugins only when it may.
import { bundle } from './bundle.ts';

const [entry = '', outfile = ''] = process.argv.slice(2);
await bundle(entry, outfile);
