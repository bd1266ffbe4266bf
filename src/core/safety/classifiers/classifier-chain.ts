import { basename } from 'node:path';
import { FastVideoError } from '../../base/errors.ts';
import type { ClassifierSettings, Verdict } from '../process/messages.ts';
import { blockedIndexes, listLabels, sameLabel } from './blocked-labels.ts';
import { checkCanaries } from './canary.ts';
import { openClassifier } from './open-classifier.ts';
import { promptPieces } from './prompt-pieces.ts';
import type { TextClassifier } from './text-classifier.ts';

interface Link {
  readonly classifier: TextClassifier;
  readonly threshold: number;
  /** Indexes of the labels that block; at least one. */
  readonly blocked: readonly number[];
}

/** Several classifiers in a row, loaded and tried. */
export class ClassifierChain {
  readonly #links: readonly Link[];

  private constructor(links: readonly Link[]) {
    this.#links = links;
  }

  /** Throws `start_failed` for a file that cannot be used, and for a blocked label that no model has. */
  static async open(settings: readonly ClassifierSettings[]): Promise<ClassifierChain> {
    const links: Link[] = [];
    for (const setting of settings) links.push(await openLink(setting));
    refuseUnknownLabels(settings, links);
    return new ClassifierChain(links);
  }

  /** One verdict for each prompt: of the first classifier that blocks it, else the highest score of all. */
  async check(prompts: readonly string[]): Promise<Verdict[]> {
    const verdicts = prompts.map((): Verdict => ({ blocked: false, classifier: 0, label: '', score: -1 }));
    for (const [index, link] of this.#links.entries()) {
      const open = prompts.flatMap((_, at) => (verdicts[at]?.blocked ? [] : [at]));
      if (open.length === 0) break;
      const pieces = open.flatMap((at) => promptPieces(prompts[at] ?? '').map((text) => ({ at, text })));
      const scores = await link.classifier.score(pieces.map(({ text }) => text));
      for (const [number, { at }] of pieces.entries()) {
        const verdict = verdicts[at];
        if (verdict) raise(verdict, index, link, scores[number] ?? []);
      }
    }
    return verdicts;
  }
}

/** Takes the scores of one piece into the verdict on its prompt. */
function raise(verdict: Verdict, index: number, link: Link, scores: ArrayLike<number>): void {
  for (const label of link.blocked) {
    const score = scores[label] ?? Number.NaN;
    const name = link.classifier.labels[label] ?? '';
    if (Number.isNaN(score)) throw new Error(`The classifier gave no number for ${name}.`);
    const blocked = score >= link.threshold;
    if (blocked !== verdict.blocked ? blocked : score > verdict.score) {
      Object.assign(verdict, { blocked, classifier: index, label: name, score });
    }
  }
}

async function openLink(settings: ClassifierSettings): Promise<Link> {
  const classifier = await openClassifier(settings);
  const blocked = blockedIndexes(classifier.labels, settings.labels);
  if (blocked.length === 0) {
    const wanted =
      settings.labels === undefined
        ? 'none of the labels that are blocked by default; name those to block'
        : `no label ${settings.labels.map((label) => `"${label}"`).join(', ')}`;
    throw new FastVideoError(
      'start_failed',
      `The safety classifier ${settings.path} has ${wanted}. It has: ${listLabels(classifier.labels)}.`,
    );
  }
  await checkCanaries(settings.path, classifier);
  return { classifier, threshold: settings.threshold, blocked };
}

/** A typing slip in one of several labels would leave a hole that nobody sees. */
function refuseUnknownLabels(settings: readonly ClassifierSettings[], links: readonly Link[]): void {
  const known = new Set(links.flatMap(({ classifier }) => classifier.labels.map(sameLabel)));
  const unknown = settings
    .flatMap(({ labels }) => labels ?? [])
    .find((label) => !known.has(sameLabel(label)));
  if (unknown === undefined) return;
  const names = links.flatMap(({ classifier }, index) => {
    const name = basename(settings[index]?.path ?? '');
    return [`${name} has: ${listLabels(classifier.labels)}`];
  });
  throw new FastVideoError(
    'start_failed',
    `No safety classifier has the label "${unknown}". ${names.join('; ')}.`,
  );
}
