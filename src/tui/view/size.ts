/** Of the screen or a part of it, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}
