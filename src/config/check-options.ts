import type { LbplayError, Place } from "../core/error.ts";
import type { KnownPosition, KnownValues } from "../core/known-values.ts";
import type { Inventory, Loader, TaskStep } from "../core/play.ts";
import type { Params } from "../core/task.ts";
import { type Expression, isTemplate, type Source, type SourceDict, type Template } from "../core/value.ts";
import type { ModuleCatalog } from "./catalog.ts";
import type { Disk } from "./disk.ts";

/** What can be said of a template or an expression without rendering it; handed over by whoever knows Jinja2. */
export type Analyse = (text: Template | Expression) => {
  readonly variables: readonly FreeVariable[];
  readonly lookups?: readonly { readonly name: string; readonly at: Place | null }[];
  readonly errors: readonly LbplayError[];
};

/** A variable that has to come from outside a template; `guarded` where the template itself copes without it. */
export interface FreeVariable {
  readonly name: string;
  readonly path: readonly string[];
  readonly at: Place | null;
  readonly guarded: boolean;
}

/** What the checks need to know. */
export interface CheckOptions {
  readonly cwd: string;
  readonly disk: Disk;
  readonly inventory: Inventory;
  /** Extra variables (`-e`). */
  readonly extra: SourceDict;
  readonly loader: Loader;
  readonly modules: ModuleCatalog;
  /** What is wrong with a module's coerced parameters, as sentences that start with `path: ` where they have one. */
  readonly validate: (module: string, params: Params) => readonly string[];
  readonly analyse: Analyse;
  /** What variables are before the run; absent: roles' arguments are left to the run. */
  readonly known?: (position: KnownPosition) => KnownValues;
  /** Hears of what is probably, but not certainly, a mistake; absent: nobody wants to know. */
  readonly warn?: (warning: LbplayError) => void;
  /** The hosts that `--limit` leaves of some; absent: all of them. */
  readonly limited?: (hosts: readonly string[]) => readonly string[];
  /** The same mistake, or what a file in Python has to do with it; absent: mistakes are what they are. */
  readonly explain?: (error: LbplayError) => LbplayError;
  /** A text without the secrets that are known. */
  readonly redact?: (text: string) => string;
  /** The lookups that there are; absent: not checked. */
  readonly lookups?: readonly string[];
}

/** What the checks of texts need to know: each text is read and analysed once, however many checks look at it. */
export interface TextOptions extends CheckOptions {
  /** The file of a template task, as one template; none where it is not there or not known beforehand. */
  readonly fileTexts: (step: TaskStep) => readonly Template[];
}

/** Notes a mistake. */
export type Report = (fault: {
  code: string;
  message: string;
  at: Place | null;
  hint?: string | null;
}) => void;

/** A lookup's name without the collection that plugins are usually in. */
export const plainLookup = (name: string): string =>
  name.replace(/^(?:ansible\.builtin|community\.general)\./, "");

/** A text that is known beforehand, or null. */
export const literal = (source: Source | undefined): string | null =>
  typeof source === "string" ? source : typeof source === "number" ? String(source) : null;

/** The text of a source that is a template or a text; null otherwise. */
export const textOf = (source: Source | undefined): string | null =>
  isTemplate(source) ? source.source : literal(source);
