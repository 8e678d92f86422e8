import type { Keywords, Play, RoleInstance } from "./play.ts";
import type { Source, SourceDict, Template, Value } from "./value.ts";

/** Where a step stands, as far as its variables before a run go. */
export interface KnownPosition {
  readonly play: Play;
  readonly host: string;
  readonly role: RoleInstance | null;
  readonly keywords: Pick<Keywords, "vars">;
  /** `vars` of the includes around it, innermost first. */
  readonly params: readonly SourceDict[];
  /** The play's vars_files. */
  readonly files: readonly SourceDict[];
  /** Names that may get another value in the run: registered results, set_fact, loops. */
  readonly uncertain: (name: string) => boolean;
}

/** A variable's definition that counts, and the dict that holds it. */
export interface Definition {
  readonly source: Source;
  readonly vars: SourceDict;
}

/** What is known of a variable before the run: its definition; that there is none; or nothing. */
export type KnownVariable =
  | { readonly kind: "defined"; readonly definition: Definition }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown" };

/** What can be said of variables and templates before any node was asked. */
export interface KnownValues {
  readonly variable: (name: string) => KnownVariable;
  /** What a template will come to; undefined where only the run can tell. */
  readonly render: (template: Template) => Value | undefined;
}
