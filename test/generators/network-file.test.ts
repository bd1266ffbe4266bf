import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCppn } from '../../scripts/cppn/network.ts';
import { shippedSeed } from '../../scripts/cppn/shipped-seed.ts';
import { cppnSha256 } from '../../src/core/generators/onnx/cppn-hash.ts';
import { loadNetwork } from '../../src/core/generators/onnx/network.ts';

const shipped = new URL('../../src/core/generators/onnx/cppn.onnx', import.meta.url);

describe('The file of the embedded network', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fastvideo-network-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function fileWith(bytes: Uint8Array): Promise<URL> {
    const path = join(folder, 'cppn.onnx');
    await writeFile(path, bytes);
    return pathToFileURL(path);
  }

  it('is what the script in the repository writes, byte for byte', async () => {
    const bytes = await readFile(shipped);
    expect(bytes.equals(buildCppn(shippedSeed))).toBe(true);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(cppnSha256);
  });

  it('is another one for another seed', () => {
    expect(Buffer.from(buildCppn(shippedSeed + 1)).equals(buildCppn(shippedSeed))).toBe(false);
  });

  it('is refused when it is missing, with its path', async () => {
    const file = pathToFileURL(join(folder, 'none.onnx'));
    const refusal = loadNetwork({ file });
    await expect(refusal).rejects.toMatchObject({ code: 'start_failed' });
    await expect(refusal).rejects.toThrow(/none\.onnx cannot be read: the file is missing/);
  });

  it('is refused when one bit differs', async () => {
    const bytes = Buffer.from(await readFile(shipped));
    bytes.writeUInt8(bytes.readUInt8(100_000) ^ 1, 100_000);
    const refusal = loadNetwork({ file: await fileWith(bytes) });
    await expect(refusal).rejects.toMatchObject({ code: 'start_failed' });
    await expect(refusal).rejects.toThrow(/is not the shipped one: its SHA-256 is/);
  });

  it('is refused when it is cut short or empty', async () => {
    for (const bytes of [(await readFile(shipped)).subarray(0, 1000), Buffer.alloc(0)]) {
      await expect(loadNetwork({ file: await fileWith(bytes) })).rejects.toThrow(/not the shipped one/);
    }
  });
});
