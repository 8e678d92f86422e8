import type { Place, SourceText } from "../../core/error.ts";
import type { SyntaxProblem } from "../syntax.ts";
import type { HaproxyLine, HaproxySection, HaproxySyntax } from "./syntax.ts";
import { lineWords } from "./words.ts";

/** The words that open a section, of all versions from 1.5 to 3.5. A section that is not here belongs to the one before it. */
export const SECTION_KEYWORDS: ReadonlySet<string> = new Set([
  "acme",
  "backend",
  "cache",
  "crt-store",
  "defaults",
  "fcgi-app",
  "frontend",
  "global",
  "healthcheck",
  "http-errors",
  "listen",
  "log-forward",
  "log-profile",
  "mailers",
  "namespace_list",
  "peers",
  "program",
  "resolvers",
  "ring",
  "ruleset",
  "traces",
  "userlist",
]);

/** A haproxy.cfg as it is written. Never throws: what HAProxy would refuse is in `problems`. */
export const parseHaproxy = (source: SourceText): HaproxySyntax => {
  const problems: SyntaxProblem[] = [];
  const preamble: HaproxyLine[] = [];
  const sections: (Omit<HaproxySection, "lines"> & { readonly lines: HaproxyLine[] })[] = [];
  let lines = preamble;
  for (const [index, raw] of rawLines(source.text).entries()) {
    const number = index + 1;
    const placeOf = (offset: number, length: number): Place => ({
      source,
      line: number,
      column: offset + 1,
      length,
    });
    const { words, comment, problems: found } = lineWords(raw, placeOf);
    problems.push(...found);
    const line: HaproxyLine = { number, raw, words, comment };
    const [keyword, first = null, , more] = words;
    const unnamed = keyword?.text === "defaults" && first?.text === "from" && more === undefined;
    const name = unnamed ? null : first;
    if (keyword === undefined || !SECTION_KEYWORDS.has(keyword.text)) {
      lines.push(line);
      continue;
    }
    lines = [];
    sections.push({ keyword: keyword.text, name, header: line, lines });
  }
  return { source, preamble, sections, problems: [...problems, ...cutShort(source)] };
};

/** The file that was parsed, byte for byte. */
export const printHaproxy = ({ preamble, sections }: HaproxySyntax): string =>
  [...preamble, ...sections.flatMap(({ header, lines }) => [header, ...lines])]
    .map(({ raw }) => raw)
    .join("");

/** The lines of a text, each with its line feed. */
const rawLines = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** A last line without its line feed, which HAProxy takes for a sign of a file that was cut. */
const cutShort = (source: SourceText): readonly SyntaxProblem[] => {
  const { text } = source;
  if (text === "" || text.endsWith("\n")) return [];
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  return [
    {
      at: { source, line: lines.length, column: last.length + 1, length: 1 },
      message: "the last line does not end with a line feed: HAProxy takes the file for truncated",
      severity: "error",
    },
  ];
};
