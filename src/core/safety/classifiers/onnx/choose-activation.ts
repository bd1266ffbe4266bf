import { FastVideoError } from '../../../base/errors.ts';
import type { CompanionFiles } from './companion-files.ts';
import type { GraphOutput } from './graph-output.ts';
import type { Activation } from './probabilities.ts';

/** What is known of a model's output. */
export interface OutputFacts {
  /** The model's path. */
  readonly path: string;
  /** The output's name. */
  readonly output: string;
  /** What the operator says; `auto`: the rest is to say. */
  readonly asked: 'auto' | Activation;
  readonly graph: GraphOutput;
  /** The model's own numbers for several texts. */
  readonly rows: readonly ArrayLike<number>[];
  /** Whether each label has a probability of its own, where the operator says so. */
  readonly multiLabel: boolean | undefined;
  readonly config: CompanionFiles['config'];
  /** Whether the model has no label for a text that there is nothing against. */
  readonly allBlocked: boolean;
}

/**
 * What the operator says, else the graph, else the names and the numbers where these leave no doubt. Throws
 * `config_invalid` where they do, and for an activation that the graph contradicts: a second one, or none where one is
 * missing, makes probabilities that are too low to block anything.
 */
export function chooseActivation(facts: OutputFacts): Activation {
  const { asked, graph, path, output } = facts;
  if (asked !== 'auto') return confirmed(facts, asked);
  switch (graph.kind) {
    case 'probabilities':
      return 'none';
    case 'log-probabilities':
      if (!single(facts)) return 'softmax';
      break;
    case 'logits':
      if (/prob/i.test(output)) {
        throw unclear(
          path,
          `its output is called "${output}", but its graph ends in ${graph.op}, which gives logits`,
        );
      }
      return forLogits(facts);
    case 'unclear':
      if (within(facts) && (/^prob/i.test(output) || sumsToOne(facts))) return 'none';
  }
  throw unclear(
    path,
    `its graph ends in ${graph.op}, which does not show whether they are logits or probabilities`,
  );
}

function confirmed(facts: OutputFacts, asked: Activation): Activation {
  const { path, graph } = facts;
  const refuse = (why: string) =>
    new FastVideoError(
      'config_invalid',
      `The safety classifier ${path} does not fit the activation ${asked}: ${why}.`,
    );
  if (asked === 'none' && !within(facts)) {
    const odd = numbers(facts).find((value) => !(value >= 0 && value < 1.001));
    throw refuse(`it gives ${odd} for a trial prompt, which is not a probability`);
  }
  if (asked !== 'none' && graph.kind === 'probabilities') {
    throw refuse(`its graph ends in ${graph.op} already, so its outputs are probabilities (activation none)`);
  }
  if (asked === 'sigmoid' && graph.kind === 'log-probabilities') {
    throw refuse(`its graph ends in ${graph.op}, whose outputs a softmax turns into probabilities`);
  }
  if (asked === 'softmax' && single(facts)) throw refuse('it has one output, whose softmax is always 1');
  return asked;
}

/** As Hugging Face's `text-classification` does, save where that would have to guess. */
function forLogits(facts: OutputFacts): Activation {
  const { path, multiLabel, config, allBlocked } = facts;
  if (multiLabel !== undefined) return multiLabel || single(facts) ? 'sigmoid' : 'softmax';
  const named = config?.function_to_apply;
  if (named) return confirmed(facts, named);
  const type = config?.problem_type ?? undefined;
  switch (type) {
    case 'multi_label_classification':
      return 'sigmoid';
    case 'single_label_classification':
      return single(facts) ? 'sigmoid' : 'softmax';
    case undefined:
      if (single(facts)) return 'sigmoid';
      if (!allBlocked) return 'softmax';
      throw unclear(path, 'it has no label for a harmless prompt, and its config.json has no problem_type');
    default:
      throw unclear(path, `the problem_type of its config.json is "${type}"`);
  }
}

function unclear(path: string, why: string): FastVideoError {
  return new FastVideoError(
    'config_invalid',
    `It is unclear how the outputs of the safety classifier ${path} become probabilities: ${why}. Set activation (--activation): none if they are probabilities already, otherwise sigmoid or softmax.`,
  );
}

function numbers({ rows }: OutputFacts): number[] {
  return rows.flatMap((row) => Array.from(row));
}

function single({ rows }: OutputFacts): boolean {
  return rows.every(({ length }) => length === 1);
}

function within(facts: OutputFacts): boolean {
  return numbers(facts).every((value) => value >= 0 && value < 1.001);
}

function sumsToOne(facts: OutputFacts): boolean {
  if (single(facts)) return false;
  return facts.rows.every((row) => {
    const sum = Array.from(row).reduce((total, value) => total + value, 0);
    return Math.abs(sum - 1) < 1e-3;
  });
}
