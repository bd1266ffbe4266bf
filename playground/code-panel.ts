import { type CodeKind, type CodeRequest, codeFor } from './code-snippets.ts';
import { pageElement, setText } from './page-element.ts';

interface CodePanelOptions {
  /** What the code is to make now. */
  readonly request: () => CodeRequest;
  /** A link to this page with what is set in it now. */
  readonly link: () => string;
}

/** *Use it elsewhere*: the last prompt as code, and as a link. */
export class CodePanel {
  readonly #panel = pageElement('elsewhere', HTMLDetailsElement);
  readonly #kind = pageElement('code-kind', HTMLSelectElement);
  readonly #code = pageElement('code', HTMLElement);
  readonly #note = pageElement('code-note', HTMLElement);
  readonly #options: CodePanelOptions;

  constructor(options: CodePanelOptions) {
    this.#options = options;
    this.#panel.addEventListener('toggle', () => this.show());
    this.#kind.addEventListener('change', () => this.show());
    const onClick = (id: string, text: () => string) =>
      pageElement(id, HTMLButtonElement).addEventListener('click', () => void this.#copy(text()));
    onClick('copy-code', () => this.#text());
    onClick('copy-link', () => this.#options.link());
  }

  /** Shows the code for what holds now. */
  show(): void {
    if (this.#panel.open) setText(this.#code, this.#text());
  }

  #text(): string {
    // The options of index.html.
    return codeFor(this.#kind.value as CodeKind, this.#options.request());
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setText(this.#note, 'Copied.');
    } catch {
      // A page that does not come over HTTPS, or from this machine, has no clipboard.
      setText(this.#note, `This browser lets the page copy nothing. Copy it from here: ${text}`);
    }
  }
}
