import type { PromptSource, SegmentRequest } from '../src/client/segment-entry.ts';
import type { Toggle } from '../src/client/segment-frames.ts';
import type { SessionInit } from '../src/client/session-options.ts';
import { pageElement } from './page-element.ts';
import { ShapeFields } from './shape-fields.ts';

interface OptionsEvents {
  toggled(toggle: Toggle, enabled: boolean): void;
  curatedChanged(prompts: string[]): void;
  queueCurated(prompts: string[]): void;
  continuousChanged(): void;
}

const imageLimit = 32 * 1024 * 1024;
const imageTypes = ['image/png', 'image/jpeg', 'image/webp'];

/** The options under the segment list. */
export class OptionsForm {
  readonly #seed = pageElement('seed', HTMLInputElement);
  readonly #negative = pageElement('negative', HTMLTextAreaElement);
  readonly #continuous = pageElement('continuous', HTMLInputElement);
  readonly #curated = pageElement('curated', HTMLTextAreaElement);
  readonly #singleClip = pageElement('single-clip', HTMLInputElement);
  readonly #image = pageElement('image', HTMLInputElement);
  readonly shape: ShapeFields = new ShapeFields();
  readonly #toggles: Readonly<Record<Toggle, HTMLInputElement>> = {
    enhancement: pageElement('enhancement', HTMLInputElement),
    auto_extension: pageElement('auto-extension', HTMLInputElement),
    loop_generation: pageElement('loop', HTMLInputElement),
  };

  constructor(events: OptionsEvents) {
    for (const toggle of Object.keys(this.#toggles) as Toggle[]) {
      const box = this.#toggles[toggle];
      box.addEventListener('change', () => events.toggled(toggle, box.checked));
    }
    pageElement('dice', HTMLButtonElement).addEventListener('click', () => {
      this.seed = Math.floor(Math.random() * 2 ** 31);
    });
    this.#takeDropped();
    this.#curated.addEventListener('change', () => events.curatedChanged(this.#prompts()));
    this.#continuous.addEventListener('change', () => events.continuousChanged());
    pageElement('queue-curated', HTMLButtonElement).addEventListener('click', () => {
      const prompts = this.#prompts();
      if (prompts.length > 0) events.queueCurated(prompts);
      else this.#curated.focus();
    });
  }

  /** Undefined: the server's. */
  get seed(): number | undefined {
    const seed = this.#seed.valueAsNumber;
    return Number.isSafeInteger(seed) ? seed : undefined;
  }

  set seed(seed: number | undefined) {
    this.#seed.value = seed === undefined ? '' : String(seed);
  }

  get continuous(): boolean {
    return this.#continuous.checked;
  }

  /** A prompt with the options that count for it now. */
  request(prompt: string, source: PromptSource): SegmentRequest {
    const negativePrompt = this.#negative.value.trim();
    const { seed } = this;
    return {
      prompt,
      source,
      ...(negativePrompt === '' ? {} : { negativePrompt }),
      ...(seed === undefined ? {} : { seed }),
    };
  }

  /** What a session is opened with. Throws an Error with a sentence about a picture that cannot be sent. */
  async opening(): Promise<SessionInit> {
    const image = this.#image.files?.[0];
    return {
      client_id: 'fastvideo-playground',
      curated_prompts: this.#prompts(),
      enhancement_enabled: this.#toggles.enhancement.checked,
      auto_extension_enabled: this.#toggles.auto_extension.checked,
      loop_generation_enabled: this.#toggles.loop_generation.checked,
      single_clip_mode: this.#singleClip.checked,
      ...this.shape.chosen,
      ...(image ? { initial_image: await imageFrame(image) } : {}),
    };
  }

  /** The server refused the toggle. */
  untick(toggle: Toggle): void {
    this.#toggles[toggle].checked = false;
  }

  /** A picture that is dropped anywhere on the page is the first one of the next session. */
  #takeDropped(): void {
    const hasFile = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;
    document.addEventListener('dragover', (event) => {
      if (hasFile(event)) event.preventDefault();
    });
    document.addEventListener('drop', (event) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      const files = event.dataTransfer?.files;
      if (!files?.[0]?.type.startsWith('image/')) return;
      this.#image.files = files;
      pageElement('options', HTMLDetailsElement).open = true;
    });
  }

  #prompts(): string[] {
    return this.#curated.value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }
}

async function imageFrame(file: File): Promise<NonNullable<SessionInit['initial_image']>> {
  if (file.size > imageLimit) {
    throw new Error(`${file.name} has ${file.size} bytes; a first picture may have ${imageLimit}.`);
  }
  await checkPicture(file);
  const data = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(new Error(`${file.name} could not be read.`)));
    reader.readAsDataURL(file);
  });
  return { mime: file.type, name: file.name, data };
}

/** What a server says about a file is for who writes clients. */
async function checkPicture(file: File): Promise<void> {
  try {
    if (!imageTypes.includes(file.type)) throw new TypeError(file.type);
    (await createImageBitmap(file)).close();
  } catch (cause) {
    const message = `${file.name} is no PNG, JPEG or WebP picture; choose another one, then Connect.`;
    throw new Error(message, { cause });
  }
}
