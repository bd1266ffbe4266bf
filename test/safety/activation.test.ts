import { describe, expect, it } from 'vitest';
import type { GraphBuilder, Value } from '../../scripts/cppn/graph-builder.ts';
import { type BuiltModel, verdicts, written } from './built-models.ts';

const prompts = ['a quiet lake at dawn', 'kill the dog'];
const config = (labels: readonly string[], more: object = {}) =>
  ({ 'config.json': JSON.stringify({ id2label: labels, ...more }) }) as const;
const multi = { problem_type: 'multi_label_classification' };
const threat = ['toxic', 'threat', 'insult'];

const op = (name: string) => (graph: GraphBuilder, logits: Value) => graph.op(name, [logits]);
const one: BuiltModel = { base: [-8], kill: [16] };
const two: BuiltModel = { base: [4, -4], kill: [-8, 8] };
const three: BuiltModel = { base: [-7, -8, -9], kill: [15, 15, 0] };

const spread = (graph: GraphBuilder, logits: Value) => {
  const part = graph.op('Exp', [logits]);
  return graph.op('Div', [part, graph.op('ReduceSum', [part, graph.ints([1])])]);
};
const halved = (graph: GraphBuilder, logits: Value) =>
  graph.op('Mul', [graph.op('Sigmoid', [logits]), graph.scalar(0.9)]);

describe('the activation of an ONNX model', () => {
  it.each([
    ['two logits', two, config(['safe', 'unsafe'])],
    ['one logit', one, config(['toxic'])],
    ['logits of their own', three, config(threat, multi)],
    ['logits that config.json has a function for', three, config(threat, { function_to_apply: 'sigmoid' })],
    ['logits behind a Dropout', { ...two, tail: op('Dropout') }, config(['safe', 'unsafe'])],
    ['a Softmax', { ...two, tail: op('Softmax') }, config(['safe', 'unsafe'])],
    ['a LogSoftmax', { ...two, tail: op('LogSoftmax') }, config(['safe', 'unsafe'])],
    ['one Sigmoid', { ...one, tail: op('Sigmoid') }, config(['toxic'])],
    ['one Sigmoid called output', { ...one, output: 'output', tail: op('Sigmoid') }, config(['toxic'])],
    ['several Sigmoids', { ...three, tail: op('Sigmoid') }, config(threat, multi)],
    ['several Sigmoids called scores', { ...three, output: 'scores', tail: op('Sigmoid') }, config(threat)],
    ['a softmax written out', { ...two, tail: spread }, config(['safe', 'unsafe'])],
    ['what is called probabilities', { ...one, output: 'probabilities', tail: halved }, config(['toxic'])],
  ] as const)('is applied once: %s', async (_, model, files) => {
    const path = await written(model, files);
    const [calm, brutal] = await verdicts(prompts, { path, threshold: 0.8 });
    expect(calm).toMatchObject({ blocked: false });
    expect(brutal).toMatchObject({ blocked: true });
    expect(calm).toHaveProperty(
      'score',
      expect.toSatisfy((score: number) => score < 0.01),
    );
    expect(brutal).toHaveProperty(
      'score',
      expect.toSatisfy((score: number) => score > 0.89),
    );
  });

  it.each([
    [
      'the graph ends in what nobody knows',
      { ...one, tail: halved },
      config(['toxic']),
      'its graph ends in Mul',
    ],
    [
      'a name and the graph differ',
      { ...two, output: 'probabilities' },
      config(['safe', 'unsafe']),
      'its output is called "probabilities", but its graph ends in Add',
    ],
    ['there is no harmless label', three, config(threat), 'no problem_type'],
    ['it is a regression', one, config(['toxic'], { problem_type: 'regression' }), 'is "regression"'],
  ] as const)('is asked for where %s', async (_, model, files, why) => {
    const path = await written(model, files);
    const refusal = verdicts(prompts, { path });
    await expect(refusal).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(refusal).rejects.toThrow(why);
    await expect(refusal).rejects.toThrow(/^It is unclear .* Set activation \(--activation\): [^\n]*$/);
  });

  it('is what the operator says where the graph does not', async () => {
    const path = await written({ ...one, tail: halved }, config(['toxic']));
    const [calm, brutal] = await verdicts(prompts, { path, activation: 'none' });
    expect([calm, brutal]).toMatchObject([
      { blocked: false },
      { blocked: true, score: expect.closeTo(0.9, 2) },
    ]);
    const several = await written(three, config(threat));
    expect(await verdicts(prompts, { path: several, activation: 'sigmoid' })).toMatchObject([
      { blocked: false },
      { blocked: true },
    ]);
  });

  it.each([
    ['sigmoid', { ...one, tail: op('Sigmoid') }, config(['toxic']), 'its graph ends in Sigmoid already'],
    [
      'softmax',
      { ...two, tail: op('Softmax') },
      config(['safe', 'unsafe']),
      'its graph ends in Softmax already',
    ],
    [
      'sigmoid',
      { ...two, tail: op('LogSoftmax') },
      config(['safe', 'unsafe']),
      'its graph ends in LogSoftmax',
    ],
    ['none', two, config(['safe', 'unsafe']), 'which is not a probability'],
    ['softmax', one, config(['toxic']), 'it has one output, whose softmax is always 1'],
  ] as const)('cannot be %s where the graph says otherwise', async (activation, model, files, why) => {
    const path = await written(model, files);
    await expect(verdicts(prompts, { path, activation })).rejects.toThrow(why);
  });
});

describe('a classifier whose scores depend on the texts beside', () => {
  it('is refused', async () => {
    // A softmax over the texts of a batch: each label has a sum of 1 among them, and 1 for a text alone.
    const tail = (graph: GraphBuilder, logits: Value) => graph.op('Softmax', [logits], { axis: 0 });
    const path = await written({ ...two, tail }, config(['safe', 'unsafe']));
    await expect(verdicts(prompts, { path })).rejects.toThrow(
      'gives a prompt another score in a batch than alone',
    );
  });
});

describe('a classifier without an answer', () => {
  it('leaves that prompt unknown, and answers the others', async () => {
    // 0 / 0 where the word is, else 1 / 1.
    const tail = (graph: GraphBuilder, logits: Value) =>
      graph.op('Sigmoid', [graph.op('Sub', [graph.op('Div', [logits, logits]), graph.scalar(9)])]);
    const path = await written({ base: [1], kill: [-1], tail }, config(['toxic']));
    // The trial prompts of the start have the word too, and are not judged by their numbers.
    expect(await verdicts([...prompts, 'a fox'], { path })).toMatchObject([
      { blocked: false },
      { unknown: 'model.onnx gave NaN as the probability of toxic.' },
      { blocked: false },
    ]);
  });
});
