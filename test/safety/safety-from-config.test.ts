import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SafetySchema } from '../../src/core/base/config/serve-schema/safety.ts';
import { safetyFromConfig } from '../../src/core/safety/safety-from-config.ts';
import { brutal, calm, fastTextModel, languageModel, program, textModel } from './fixtures.ts';

function build(config: unknown) {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const filter = safetyFromConfig(SafetySchema.parse(config), logger, { program });
  return { filter, lines };
}

describe('streaming.safety', () => {
  it('gives no filter when it is off', async () => {
    expect(await build({ classifier_path: '/nope.bin' }).filter).toBeUndefined();
  });

  it('asks classifier_path first, then the list', async () => {
    const filter = await build({
      enabled: true,
      classifier_path: textModel,
      threshold: 0.8,
      classifiers: [{ path: languageModel, labels: ['fr'], threshold: 0.3 }],
    }).filter;
    expect(await filter?.check([brutal, 'le chat dort sur la table', calm])).toMatchObject([
      { decision: 'block', label: 'violence', reason: 'violence 0.900 reaches 0.8.' },
      { decision: 'block', label: 'fr', classifier: 'lid.176.ftz' },
      { decision: 'allow' },
    ]);
    await filter?.close();
  });

  it('takes a list alone', async () => {
    const filter = await build({ enabled: true, classifiers: [{ path: fastTextModel }] }).filter;
    expect(await filter?.check([brutal])).toMatchObject([{ decision: 'block' }]);
    await filter?.close();
  });

  it('hands on the activation and the hashes of each classifier', async () => {
    const hashes = { file_hashes: [{ file: 'model.onnx_data', sha256: 'ab'.repeat(32) }] };
    const entries = [
      [{ activation: 'sigmoid' }, 'remove the activation sigmoid'],
      [hashes, 'A SHA-256 is given for "model.onnx_data"'],
    ] as const;
    for (const [keys, why] of entries) {
      const own = { enabled: true, classifier_path: fastTextModel, ...keys };
      await expect(build(own).filter).rejects.toThrow(why);
      const listed = { enabled: true, classifiers: [{ path: fastTextModel, ...keys }] };
      await expect(build(listed).filter).rejects.toThrow(why);
    }
  });

  it('throws when the filter cannot be loaded', async () => {
    const { filter } = build({ enabled: true, classifier_path: '/nope.bin' });
    await expect(filter).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('goes on without one where on_unavailable is allow, and says so once', async () => {
    const { filter, lines } = build({ enabled: true, classifier_path: '/nope.bin', on_unavailable: 'allow' });
    const absent = await filter;
    for (let time = 0; time < 2; time += 1) {
      expect(await absent?.check([calm, brutal])).toMatchObject([
        { decision: 'unavailable' },
        { decision: 'unavailable', reason: expect.stringContaining('/nope.bin') },
      ]);
    }
    expect(lines.filter((line) => line.includes('prompts are not checked'))).toHaveLength(1);
    await absent?.close();
  });

  it.each([
    [{ enabled: true }, 'must name the model file of the classifier'],
    [{ enabled: true, classifiers: [] }, 'must name the model file of the classifier'],
    [{ sha256: 'abc' }, 'must be a SHA-256'],
    [{ threshold: 0 }, '>=0.001'],
    [{ activation: 'relu' }, 'activation'],
    [{ file_hashes: [{ file: 'model.onnx_data', sha256: 'abc' }] }, 'must be a SHA-256'],
    [{ file_hashes: { 'model.onnx_data': 'ab'.repeat(32) } }, 'file_hashes'],
  ])('refuses %o', (config, message) => {
    expect(SafetySchema.safeParse(config).error?.message).toContain(message);
  });
});
