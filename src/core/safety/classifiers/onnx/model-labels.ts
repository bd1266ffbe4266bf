import { z } from 'zod';
import { sameLabel } from '../blocked-labels.ts';

const LabelSchema = z.union([z.string().trim().min(1, 'must not be empty'), z.number().transform(String)]);

/** `id2label` as it is met: a mapping from index to label, or a list; a label may be a number. */
export const Id2LabelSchema = z.union([z.record(z.string(), LabelSchema), z.array(LabelSchema)], {
  error: 'must give each output a label, such as {"0": "safe", "1": "unsafe"} or ["safe", "unsafe"]',
});

/** `label2id`: the same the other way round. */
export const Label2IdSchema = z.record(z.string(), z.int().min(0), {
  error: 'must give each label an index, such as {"safe": 0, "unsafe": 1}',
});

/** What `config.json` calls the outputs, in their order; undefined when it does not. Throws what is wrong with it. */
export function configLabels(
  config:
    | {
        readonly id2label?: z.infer<typeof Id2LabelSchema> | null | undefined;
        readonly label2id?: z.infer<typeof Label2IdSchema> | null | undefined;
      }
    | undefined,
): readonly string[] | undefined {
  const { id2label, label2id } = config ?? {};
  if (Array.isArray(id2label)) return id2label;
  if (id2label) return inOrder('id2label', Object.entries(id2label));
  if (!label2id) return undefined;
  return inOrder(
    'label2id',
    Object.entries(label2id).map(([label, index]) => [String(index), label]),
  );
}

/** Labels whose indexes have a gap would be given to other outputs than they are meant for. */
function inOrder(key: string, entries: readonly (readonly [string, string])[]): readonly string[] {
  const labels = new Map(entries);
  return entries.map((_, index) => {
    const label = labels.get(String(index));
    if (label === undefined) {
      const found = entries.map(([at]) => at).join(', ');
      throw new Error(`${key} has no label for output ${index}; its indexes are ${found}`);
    }
    return label;
  });
}

/** The lines of a `labels.txt`, without empty ones at its end. Throws for one before it: is it a label, or none? */
export function listedLabels(text: string): readonly string[] {
  const lines = text.trimEnd().split(/\r?\n/);
  const labels = lines.map((line) => line.trim());
  const blank = labels.indexOf('');
  if (blank !== -1)
    throw new Error(`line ${blank + 1} is empty; write one label per line, in the order of the outputs`);
  return labels;
}

/** Throws when two files give the same labels in another order: one of them is wrong, and nothing says which. */
export function refuseOtherOrder(listed: readonly string[], configured: readonly string[]): void {
  const [one, other] = [listed.map(sameLabel), configured.map(sameLabel)];
  const sameSet = one.toSorted().join('\n') === other.toSorted().join('\n');
  if (sameSet && one.join('\n') !== other.join('\n')) {
    const orders = `${listed.join(', ')} and ${configured.join(', ')}`;
    throw new Error(`it has the labels of config.json in another order: ${orders}`);
  }
}
