import { basename } from 'node:path';
import { errorMessage, FastVideoError } from '../../base/errors.ts';
import type { ClassifierSettings, Scored, Verdict } from '../process/messages.ts';
import { blockedIndexes, listLabels } from './blocked-labels.ts';
import { checkCanaries } from './canary.ts';
import { openClassifier } from './open-classifier.ts';
import { promptPieces } from './prompt-pieces.ts';
import type { TextClassifier } from './text-classifier.ts';

interface Link {
  /** The name of its file. */
  readonly name: string;
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

  /** Throws `config_invalid` for a file that cannot be used, and for a blocked label that no model has. */
  static async open(settings: readonly ClassifierSettings[]): Promise<ClassifierChain> {
    const links: Link[] = [];
    for (const setting of settings) links.push(await openLink(setting));
    refuseUnknownLabels(settings, links);
    return new ClassifierChain(links);
  }

  /**
   * One verdict for each prompt: of the first classifier that blocks it, else the highest score of all; unknown where
   * none blocks it and one had no answer.
   */
  async check(prompts: readonly string[]): Promise<Verdict[]> {
    const findings = prompts.map((): Finding => ({ highest: undefined, unknown: undefined }));
    for (const [index, link] of this.#links.entries()) {
      const open = prompts.flatMap((_, at) => (findings[at]?.highest?.blocked ? [] : [at]));
      if (open.length === 0) break;
      const pieces = open.flatMap((at) => promptPieces(prompts[at] ?? '').map((text) => ({ at, text })));
      const answers = await answersOf(
        link,
        pieces.map(({ text }) => text),
      );
      for (const [number, { at }] of pieces.entries()) {
        const finding = findings[at];
        if (finding) raise(finding, index, link, answers[number]);
      }
    }
    return findings.map(({ highest, unknown }) =>
      highest && (highest.blocked || unknown === undefined)
        ? highest
        : { unknown: unknown ?? 'The classifiers gave no score for this prompt.' },
    );
  }
}

/** What is known of a prompt so far. */
interface Finding {
  highest: Scored | undefined;
  /** Why a classifier had no answer to a piece of it. */
  unknown: string | undefined;
}

/** The scores of one text, or why there are none. */
type Answer = ArrayLike<number> | Error | undefined;

/** One text that the model fails on leaves the others their answers: they may be other people's. */
async function answersOf({ classifier }: Link, texts: readonly string[]): Promise<readonly Answer[]> {
  try {
    return await classifier.score(texts);
  } catch (error) {
    if (texts.length < 2) return [new Error(errorMessage(error), { cause: error })];
    const answers: Answer[] = [];
    for (const text of texts) {
      const alone = await classifier
        .score([text])
        .catch((reason: unknown) => [new Error(errorMessage(reason))]);
      answers.push(alone[0]);
    }
    return answers;
  }
}

/** Takes the scores of one piece into what is known of its prompt. */
function raise(finding: Finding, index: number, link: Link, answer: Answer): void {
  const { labels } = link.classifier;
  if (answer === undefined || answer instanceof Error || answer.length !== labels.length) {
    const given =
      answer && 'length' in answer ? `${answer.length} scores for ${labels.length} labels` : 'no scores';
    finding.unknown = answer instanceof Error ? answer.message : `${link.name} gave ${given}.`;
    return;
  }
  for (const at of link.blocked) {
    const score = answer[at] ?? Number.NaN;
    const label = labels[at] ?? '';
    if (!(score >= 0 && score <= 1)) {
      finding.unknown = `${link.name} gave ${score} as the probability of ${label}.`;
      continue;
    }
    const blocked = score >= link.threshold;
    const { highest } = finding;
    if (highest === undefined || (blocked !== highest.blocked ? blocked : score > highest.score)) {
      finding.highest = { blocked, classifier: index, label, score };
    }
  }
}

async function openLink(settings: ClassifierSettings): Promise<Link> {
  const classifier = await openClassifier(settings);
  const blocked = blockedIndexes(classifier.labels, settings.labels);
  if (blocked.length === 0) {
    const wanted =
      settings.labels === undefined
        ? 'none of the labels that are blocked by default; name the labels to block'
        : `no label ${settings.labels.map((label) => `"${label}"`).join(', ')}`;
    throw new FastVideoError(
      'config_invalid',
      `The safety classifier ${settings.path} has ${wanted}. It has: ${listLabels(classifier.labels)}.`,
    );
  }
  await checkCanaries(settings.path, classifier);
  return { name: basename(settings.path), classifier, threshold: settings.threshold, blocked };
}

/** A typing slip in one of several labels would leave a hole that nobody sees. */
function refuseUnknownLabels(settings: readonly ClassifierSettings[], links: readonly Link[]): void {
  const unknown = settings
    .flatMap(({ labels }) => labels ?? [])
    .find((label) =>
      links.every(({ classifier }) => blockedIndexes(classifier.labels, [label]).length === 0),
    );
  if (unknown === undefined) return;
  const names = links.map(({ name, classifier }) => `${name} has: ${listLabels(classifier.labels)}`);
  throw new FastVideoError(
    'config_invalid',
    `No safety classifier has the label "${unknown}". ${names.join('; ')}.`,
  );
}
