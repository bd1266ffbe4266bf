import { pageElement } from './page-element.ts';
import type { Shape } from './page-link.ts';

/** Of `GET /creation-capabilities`, the server's own choice first. */
interface Offer {
  readonly aspect_ratios: readonly string[];
  readonly resolutions: readonly string[];
}

/** The shape and the size of the video, where the server lets its clients choose. */
export class ShapeFields {
  readonly #fields = pageElement('shape', HTMLElement);
  readonly #aspectRatio = pageElement('aspect-ratio', HTMLSelectElement);
  readonly #resolution = pageElement('resolution', HTMLSelectElement);

  /** @param statusUrl - any HTTP address of the server; the key is in the query */
  async open(statusUrl: string): Promise<void> {
    const offer = await offerOf(statusUrl);
    if (!offer) return;
    const wanted = this.chosen;
    fill(this.#aspectRatio, offer.aspect_ratios);
    fill(this.#resolution, offer.resolutions);
    this.set(wanted);
    this.#fields.hidden = offer.aspect_ratios.length < 2 && offer.resolutions.length < 2;
  }

  get chosen(): Shape {
    const [aspectRatio, resolution] = [this.#aspectRatio.value, this.#resolution.value];
    return {
      ...(aspectRatio === '' ? {} : { aspect_ratio: aspectRatio }),
      ...(resolution === '' ? {} : { resolution }),
    };
  }

  /** As a link has it; what the server does not offer is refused by it, in words. */
  set({ aspect_ratio, resolution }: Shape): void {
    choose(this.#aspectRatio, aspect_ratio ?? '');
    choose(this.#resolution, resolution ?? '');
  }
}

async function offerOf(statusUrl: string): Promise<Offer | undefined> {
  const url = new URL('/creation-capabilities', statusUrl);
  url.search = new URL(statusUrl).search;
  try {
    const response = await fetch(url);
    return response.ok ? ((await response.json()) as Offer) : undefined;
  } catch {
    // That there is no connection is told when one is wanted.
    return undefined;
  }
}

function fill(select: HTMLSelectElement, [own = '', ...others]: readonly string[]): void {
  const options = others.map((name) => new Option(name, name));
  select.replaceChildren(new Option(`${own} (the server's)`, ''), ...options);
}

function choose(select: HTMLSelectElement, value: string): void {
  if (![...select.options].some((option) => option.value === value)) select.add(new Option(value, value));
  select.value = value;
}
