import type { SourceText } from "../../core/error.ts";
import type { SyntaxProblem } from "../syntax.ts";
import type { Version } from "../version.ts";
import { followConditions } from "./conditions.ts";
import type { Directive, HaproxyConfig, ProxySection } from "./config.ts";
import { directiveOf } from "./directives.ts";
import { bindsOf, serversOf } from "./listeners.ts";
import { parseHaproxy, SECTION_KEYWORDS } from "./parse.ts";
import type { HaproxyLine } from "./syntax.ts";

/** What a section gathers while the files are read. */
type Gathered = Open<"frontend" | "backend" | "listen"> | Open<"defaults"> | { readonly kind: "other" };

interface Open<Kind> {
  readonly kind: Kind;
  readonly header: HaproxyLine;
  readonly inherited: readonly Directive[];
  readonly directives: Directive[];
}

/**
 * What one or more haproxy.cfg say, read in order as HAProxy does with several `-f`. A line between `.if` and `.endif`
 * is left out where its condition is known not to hold; conditions on HAProxy's version need `version`.
 */
export const haproxyConfig = (
  sources: readonly SourceText[],
  version: Version | null = null,
): HaproxyConfig => {
  const syntaxes = sources.map(parseHaproxy);
  const problems: SyntaxProblem[] = [];
  const global: Directive[] = [];
  const proxies: Open<ProxySection["kind"]>[] = [];
  const named = new Map<string, Open<"defaults">>();
  let defaults: Open<"defaults"> | null = null;

  const open = (line: HaproxyLine): Gathered | "global" => {
    const [keyword, name, third, fourth] = line.words;
    const kind = keyword?.text ?? "";
    if (kind === "global") return "global";
    if (kind !== "defaults" && kind !== "frontend" && kind !== "backend" && kind !== "listen")
      return { kind: "other" };
    const unnamed =
      kind === "defaults" && name?.text === "from" && third !== undefined && fourth === undefined;
    const from = unnamed ? third : third?.text === "from" ? fourth : undefined;
    const parent =
      from === undefined ? (kind === "defaults" ? null : defaults) : (named.get(from.text) ?? null);
    if (from !== undefined && parent === null)
      problems.push({
        at: from.at,
        message: `there is no defaults section "${from.text}" before this one`,
        severity: "error",
      });
    const inherited = parent === null ? [] : [...parent.inherited, ...parent.directives];
    if (kind === "defaults") {
      const opened: Open<"defaults"> = { kind, header: line, inherited, directives: [] };
      defaults = opened;
      if (name !== undefined && !unnamed) named.set(name.text, opened);
      return opened;
    }
    const opened: Open<ProxySection["kind"]> = { kind, header: line, inherited, directives: [] };
    proxies.push(opened);
    return opened;
  };

  for (const { preamble, sections, problems: found } of syntaxes) {
    const conditions = followConditions(version);
    let current: Gathered | "global" | null = null;
    let astray = false;
    problems.push(...found);
    for (const line of [...preamble, ...sections.flatMap(({ header, lines }) => [header, ...lines])]) {
      if (conditions.take(line) || conditions.truth() === false) continue;
      if (SECTION_KEYWORDS.has(line.words[0]?.text ?? "")) {
        current = open(line);
        continue;
      }
      const directive = directiveOf(line, conditions.truth() === null);
      if (directive === null) continue;
      if (current === "global") global.push(directive);
      else if (current !== null && current.kind !== "other") current.directives.push(directive);
      else if (current === null && !astray) {
        astray = true;
        problems.push({
          at: directive.at,
          message: `"${directive.keyword}" stands before the first section`,
          severity: "error",
        });
      }
    }
    problems.push(...conditions.problems());
  }
  return {
    sources,
    global,
    proxies: proxies.flatMap(proxyOf),
    sections: syntaxes.flatMap(({ sections }) => sections),
    problems,
  };
};

/** A proxy; none for a section without a name, which HAProxy refuses. */
const proxyOf = ({
  kind,
  header,
  inherited,
  directives,
}: Open<ProxySection["kind"]>): readonly ProxySection[] => {
  const name = header.words[1];
  if (name === undefined) return [];
  const modes = [...inherited, ...directives].filter(({ keyword }) => keyword === "mode");
  return [
    {
      kind,
      name: name.text,
      at: name.at,
      mode: modes.at(-1)?.args[0]?.text ?? "tcp",
      directives,
      inherited,
      binds: kind === "backend" ? [] : bindsOf(header, directives),
      servers: kind === "frontend" ? [] : serversOf(inherited, directives),
    },
  ];
};
