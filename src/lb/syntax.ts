import type { Place } from "../core/error.ts";

/** A word of a configuration file: what the daemon understands (quotes and escapes resolved), and where it stands. */
export interface Word {
  readonly text: string;
  /** As it is written, with its quotes. */
  readonly raw: string;
  readonly at: Place;
}

/** Something that a daemon's parser would stumble over, or that it takes for something else. */
export interface SyntaxProblem {
  readonly at: Place;
  readonly message: string;
  /** `error`: the daemon refuses the file, or skips the line. `warning`: it goes on, with something else than what stands there. */
  readonly severity: "error" | "warning";
}
