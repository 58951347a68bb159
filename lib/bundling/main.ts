// Bundles one function in a process of its own, for the stack: `node main.ts <entry> <outfile>`. The CDK needs its
// assets synchronously, and esbuild takes plugins only when it runs asynchronously.
import { bundle } from './bundle.ts';

const [entry = '', outfile = ''] = process.argv.slice(2);
await bundle(entry, outfile);
