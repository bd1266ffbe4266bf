/**
 * Writes the embedded network and its hash: `npx tsx scripts/write-cppn.ts [seed]`. Without a seed it writes the
 * shipped files again, byte for byte.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { buildCppn } from './cppn/network.ts';
import { shippedSeed } from './cppn/shipped-seed.ts';

const seed = process.argv[2] === undefined ? shippedSeed : Number(process.argv[2]);
if (!Number.isSafeInteger(seed)) {
  throw new Error(`The seed must be a whole number, not "${process.argv[2]}".`);
}
const folder = new URL('../src/core/generators/onnx/', import.meta.url);
const bytes = buildCppn(seed);
const hash = createHash('sha256').update(bytes).digest('hex');
await writeFile(new URL('cppn.onnx', folder), bytes);
await writeFile(
  new URL('cppn-hash.ts', folder),
  `/** SHA-256 of \`cppn.onnx\`; written by \`scripts/write-cppn.ts\`. */\nexport const cppnSha256 = '${hash}';\n`,
);
console.log(`cppn.onnx: ${bytes.length} bytes, SHA-256 ${hash}`);
