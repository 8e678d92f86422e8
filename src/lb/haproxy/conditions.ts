import type { SyntaxProblem } from "../syntax.ts";
import { atLeast, parseVersion, type Version } from "../version.ts";
import type { HaproxyLine } from "./syntax.ts";

/** What is known of a line between `.if` and `.endif`: it holds, it does not, or only the daemon can tell (null). */
export type Truth = boolean | null;

interface Level {
  /** Of the branch that the reading is in. */
  readonly truth: Truth;
  /** Whether a branch before this one was taken. */
  readonly taken: Truth;
  readonly line: HaproxyLine;
  readonly otherwise: boolean;
}

/** Follows the `.if`, `.elif`, `.else` and `.endif` lines of one file. */
export const followConditions = (version: Version | null) => {
  const levels: Level[] = [];
  const problems: SyntaxProblem[] = [];
  const report = (line: HaproxyLine, message: string) => {
    const at = line.words[0]?.at;
    if (at !== undefined) problems.push({ at, message, severity: "error" });
  };
  return {
    /** Takes note of a line; true where it was one of the preprocessor's conditions. */
    take: (line: HaproxyLine): boolean => {
      const word = line.words[0]?.text ?? "";
      if (word === ".if") {
        const truth = evaluate(line, version);
        levels.push({ truth, taken: truth, line, otherwise: false });
        return true;
      }
      if (word !== ".elif" && word !== ".else" && word !== ".endif") return false;
      const level = levels.pop();
      if (level === undefined) report(line, `${word} without an .if before it`);
      else if (word !== ".endif") {
        if (level.otherwise) report(line, `${word} behind .else`);
        const truth = and(not(level.taken), word === ".else" ? true : evaluate(line, version));
        levels.push({ ...level, truth, taken: or(level.taken, truth), otherwise: word === ".else" });
      }
      return true;
    },
    /** Whether the line that is being read holds. */
    truth: (): Truth => levels.reduce<Truth>((all, { truth }) => and(all, truth), true),
    /** To be asked at the end of the file. */
    problems: (): readonly SyntaxProblem[] => {
      for (const { line } of levels) report(line, "this .if has no .endif");
      return problems;
    },
  };
};

const not = (value: Truth): Truth => (value === null ? null : !value);

const and = (left: Truth, right: Truth): Truth => {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
};

const or = (left: Truth, right: Truth): Truth => not(and(not(left), not(right)));

/** A condition as far as it can be known here: numbers, and versions where the daemon's is known. */
const evaluate = (line: HaproxyLine, version: Version | null): Truth => {
  const text = line.words
    .slice(1)
    .map((word) => word.text)
    .join(" ");
  const [, signs = "", number, predicate, argument = ""] =
    /^((?:!\s*)*)(?:(\d+)|(version_atleast|version_before)\(([\w.-]+)\))\s*$/.exec(text) ?? [];
  const negated = signs.replace(/\s/g, "").length % 2 === 1;
  const plain = number === undefined ? compare(predicate, argument, version) : Number(number) !== 0;
  return negated ? not(plain) : plain;
};

const compare = (predicate: string | undefined, argument: string, version: Version | null): Truth => {
  const wanted = parseVersion(argument);
  if (predicate === undefined || wanted === null || version === null) return null;
  return atLeast(version, wanted) === (predicate === "version_atleast");
};
