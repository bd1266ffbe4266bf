export interface IndexedFile {
  readonly name: string;
  readonly bytes: number;
}

/** The files of a folder and their sizes, oldest first, as far as this process knows; says what must go. */
export class FolderIndex {
  readonly #maxBytes: number;
  /** In order of insertion. */
  readonly #files = new Map<string, number>();
  /** Names that were written or removed since the scan in progress began: the scan knows less of them. */
  #changed = new Set<string>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Counts a file as the newest; the names given back are counted no more and must be removed. */
  add(file: IndexedFile): string[] {
    this.remove(file.name);
    this.#insert(file);
    return this.#excess(file.name);
  }

  remove(name: string): void {
    this.#changed.add(name);
    this.#forget(name);
  }

  beginScan(): void {
    this.#changed = new Set();
  }

  changedSinceScan(name: string): boolean {
    return this.#changed.has(name);
  }

  /** Takes over what a scan found (other processes may use the folder too); gives the names that must be removed. */
  endScan(found: readonly IndexedFile[]): string[] {
    const names = new Set(found.map((file) => file.name));
    for (const name of [...this.#files.keys()]) {
      if (!names.has(name) && !this.#changed.has(name)) this.#forget(name);
    }
    for (const file of found) {
      if (!this.#files.has(file.name) && !this.#changed.has(file.name)) this.#insert(file);
    }
    return this.#excess();
  }

  #insert({ name, bytes }: IndexedFile): void {
    this.#files.set(name, bytes);
    this.#bytes += bytes;
  }

  #forget(name: string): void {
    this.#bytes -= this.#files.get(name) ?? 0;
    this.#files.delete(name);
  }

  #excess(except?: string): string[] {
    const excess: string[] = [];
    for (const name of this.#files.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      if (name === except) continue;
      this.#forget(name);
      excess.push(name);
    }
    return excess;
  }
}
