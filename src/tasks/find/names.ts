import { pythonRegExp } from "../../core/python-regexp.ts";
import { quote } from "../../core/shell.ts";
import type { FindParams } from "./schema.ts";

/** Whether a name matches one of the patterns and none of the excludes. */
export const nameTest = ({ patterns, excludes, use_regex }: FindParams): ((name: string) => boolean) => {
  const wanted = patterns.map((pattern) => matcher(pattern, use_regex));
  const unwanted = (excludes ?? []).map((pattern) => matcher(pattern, use_regex));
  return (name) =>
    (wanted.length === 0 || wanted.some((matches) => matches(name))) &&
    !unwanted.some((matches) => matches(name));
};

const matcher = (pattern: string, isRegexp: boolean): ((name: string) => boolean) => {
  if (isRegexp) {
    const expression = pythonRegExp(pattern);
    return (name) => expression.exec(name)?.index === 0;
  }
  const expression = shellPattern(pattern);
  return (name) => expression.test(name);
};

/** A shell pattern as Python's fnmatch reads it: `*`, `?`, `[seq]` and `[!seq]`; a backslash is itself. */
const shellPattern = (pattern: string): RegExp => {
  const parts = pattern.match(/\*|\?|\[!?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const source = parts.map((part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1 && part.startsWith("[")) return bracket(part.slice(1, -1));
    return part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "su");
};

const bracket = (body: string): string => {
  const negated = body.startsWith("!");
  const members = (negated ? body.slice(1) : body).replace(/[\\[\]^]/g, "\\$&");
  return `[${negated ? "^" : ""}${members}]`;
};

/** Why a shell pattern cannot be used (`[z-a]`), or null. */
export const patternFault = (pattern: string): string | null => {
  try {
    shellPattern(pattern);
    return null;
  } catch {
    return `pattern ${pattern} has a range that ends before it begins`;
  }
};

/** Words for find(1) that leave out most of what cannot match; what they let through is looked at again. */
export const namePrefilter = ({ patterns, use_regex }: FindParams): readonly string[] => {
  if (use_regex || patterns.length === 0) return [];
  const words = patterns.map((pattern) => `-name ${quote(pattern.replace(/[[\\][\s\S]*$/, "*"))}`);
  return [`\\( ${words.join(" -o ")} \\)`];
};
