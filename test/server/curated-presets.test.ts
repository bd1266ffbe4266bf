import { describe, expect, it, vi } from 'vitest';
import { CuratedPresets } from '../../src/core/server/curated-presets.ts';

describe('curated presets', () => {
  it('are not read from what has no end', async () => {
    const presets = new CuratedPresets({
      filePath: '/dev/zero',
      fallbackFilePath: '/nowhere',
      maxBytes: 1000,
      onLimit: vi.fn(),
    });
    await expect(presets.list()).rejects.toThrow('/dev/zero is not a list of presets: it is not a file.');
  });
});
