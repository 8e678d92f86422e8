/** Something about a pair that an operator should know. */
export interface Problem {
  /** The node that it is about; null: the pair as a whole. */
  readonly node: string | null;
  /** `error`: service or redundancy is lost, or will be; `note`: good to know, and healthy all the same. */
  readonly severity: "error" | "note";
  /** What kind of problem, for programs: `split-brain`, `server-down`. */
  readonly kind: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Something wrong with a node. */
export const wrong = (node: string | null, kind: string, message: string, advice: string): Problem => ({
  node,
  severity: "error",
  kind,
  message,
  advice,
});

/** Something to know of a node. */
export const note = (node: string | null, kind: string, message: string, advice: string): Problem => ({
  node,
  severity: "note",
  kind,
  message,
  advice,
});
