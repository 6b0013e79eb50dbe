/** Which part of a list is asked for. */
export interface PageQuery {
  /** Most items of the page, 1 to 200. */
  readonly limit: number;
  /** `nextCursor` of the page before; the first page when absent. */
  readonly cursor?: string | undefined;
}

/** A part of a list, in the list's order. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Absent when this page is the last. */
  readonly nextCursor?: string;
}
