import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import type { AlternativesParams, Subcommand } from "./schema.ts";

/** One program of a group. */
export interface Alternative {
  readonly path: string;
  readonly priority: number;
  readonly subcommands: readonly Subcommand[];
}

/** A group of alternatives; null where the node has none of the name. */
export interface Group {
  readonly mode: "auto" | "manual";
  /** The program that the link leads to; null where it leads nowhere. */
  readonly current: string | null;
  readonly link: string | null;
  readonly alternatives: readonly Alternative[];
}

/** What a node has. */
export type AlternativesFacts =
  | { readonly kind: "group"; readonly group: Group | null; readonly program: boolean }
  | { readonly kind: "missing" };

/** Reads the group, and whether the program is there. */
export const alternativesFacts = ({ name, path }: AlternativesParams): Probe<AlternativesFacts> =>
  read(
    labelled(`alternatives of ${name} and ${path}`, [
      "PATH=$PATH:/usr/sbin",
      "command -v update-alternatives >/dev/null 2>&1 || exit 127",
      `if [ -e ${quote(path)} ]; then echo yes; else echo no; fi`,
      `${argv("update-alternatives", "--display", name)} 2>/dev/null`,
      "exit 0",
    ]),
    parse,
  );

const parse = ({ code, stdout }: ReadResult): AlternativesFacts => {
  if (code === 127) return { kind: "missing" };
  const text = stdout.toString("utf8");
  const [program = ""] = text.split("\n", 1);
  return { kind: "group", group: groupIn(text.slice(program.length + 1)), program: program === "yes" };
};

/** Debian's update-alternatives and the alternatives of RPM systems use slightly different words. */
const groupIn = (text: string): Group | null => {
  const mode = /\s-\s(?:status is )?(auto|manual)(?: mode|\.)$/m.exec(text)?.[1];
  if (mode !== "auto" && mode !== "manual") return null;
  const links = new Map(
    [...text.matchAll(/^\s*(?:slave|follower) (\S+) is (.*)$/gm)].map(([, name = "", link = ""]) => [
      name,
      link,
    ]),
  );
  return {
    mode,
    current: /^\s*link currently points to (.*)$/m.exec(text)?.[1] ?? null,
    link: /^\s*link \S+ is (.*)$/m.exec(text)?.[1] ?? null,
    alternatives: text.split(/^(?=\/)/m).flatMap((block) => alternativeIn(block, links) ?? []),
  };
};

const alternativeIn = (block: string, links: ReadonlyMap<string, string>): Alternative | null => {
  const [, path, priority] = /^(\/.*?) - (?:family \S+ )?priority (-?\d+)/.exec(block) ?? [];
  if (path === undefined || priority === undefined) return null;
  const subcommands = [...block.matchAll(/^\s+(?:slave|follower) (.*?): (.*)$/gm)]
    .map(([, name = "", target = ""]) => ({ name, path: target, link: links.get(name) ?? "" }))
    .filter((subcommand) => subcommand.path !== "(null)");
  return { path, priority: Number(priority), subcommands };
};
