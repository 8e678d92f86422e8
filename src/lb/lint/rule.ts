import type { Place } from "../../core/error.ts";
import type { Pair } from "../pair/pair.ts";

/** `error` stops a run, `warning` and `info` do not. */
export type Severity = "error" | "warning" | "info";

/** What a rule found. */
export interface Finding {
  /** The nodes that it is about, in the pair's order. */
  readonly nodes: readonly string[];
  /** Where to look first; null where there is no line to show (something is missing as a whole, or is no file). */
  readonly at: Place | null;
  /** Where else: the same matter on the other nodes, so that a difference is seen from both sides. Shown below `at`. */
  readonly also?: readonly Place[];
  /** What is so, with the names and numbers of this pair, and what follows from it. */
  readonly message: string;
  /** What to do here; null: the rule's own `fix` says it. */
  readonly fix: string | null;
  /** Where this case is graver or milder than the rule as a whole. */
  readonly severity?: Severity;
}

/** A pair as an example is written: configurations by node, and facts where the rule needs them. */
export interface Example {
  /** Node to its files; `both` is for lb1 and lb2. */
  readonly haproxy?: Readonly<Record<string, string>>;
  readonly keepalived?: Readonly<Record<string, string>>;
  /** Node to the facts that differ from those of an ordinary node (the test's and the docs' base). */
  readonly facts?: Readonly<Record<string, Partial<import("../pair/facts.ts").NodeFacts>>>;
  /** What the inventory says of the pair, where the rule needs it. */
  readonly settings?: Partial<import("../pair/pair.ts").PairSettings>;
}

/** One thing that can be wrong with a pair. Pure: looks at the model, touches nothing. */
export interface Rule {
  /** `X23`: stable, as reports and inventories name it. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: what has to hold. */
  readonly title: string;
  /** Why: what happens otherwise, as was seen. */
  readonly why: string;
  /** Where that comes from: keepalived.conf(5), HAProxy's manual, measured with keepalived 2.2.7, … */
  readonly source: string;
  /** What to do. */
  readonly fix: string;
  readonly bad: Example;
  readonly good: Example;
  /** `now` is for certificates and the like: milliseconds since the epoch. */
  readonly check: (pair: Pair, context: { readonly now: number }) => readonly Finding[];
}
