import type fc from 'fast-check';
import type { Field } from './field.ts';

/** What must not be: told with the seed, the target and the inputs that led there. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** A part of the product, and what may be sent to it. Inputs are JSON, so that they can be saved. */
export interface Target {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  /** Inputs between two looks at the servers. */
  readonly batch: number;
  open(field: Field): Promise<OpenTarget>;
}

export interface OpenTarget extends AsyncDisposable {
  readonly inputs: fc.Arbitrary<unknown>;
  /** Throws a {@link Finding}. */
  feed(inputs: readonly unknown[]): Promise<void>;
}

/** A target with inputs of one type; only those that it has made are fed to it. */
export function openTarget<Input>(target: {
  readonly inputs: fc.Arbitrary<Input>;
  feed(inputs: readonly Input[]): Promise<void>;
  close?(): Promise<void>;
}): OpenTarget {
  return {
    inputs: target.inputs,
    feed: async (inputs) => await target.feed(inputs as readonly Input[]),
    [Symbol.asyncDispose]: async () => await target.close?.(),
  };
}
