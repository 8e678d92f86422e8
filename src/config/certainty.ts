import { type Expression, isTemplate, type Template } from "../core/value.ts";

/**
 * True where rendering a text needs a variable whatever the other values are: no use of the name stands in a
 * branch, in a loop, or behind `and`, `or` or a ternary. Errs on the side of false.
 */
export const isCertainIn = (text: Template | Expression, name: string): boolean => {
  const use = new RegExp(`(?<![\\w.'"])${name}(?!\\w)`, "g");
  if (!isTemplate(text)) return usesAreCertain(text.source, use);
  const regions = regionsOf(text.source);
  const using = regions.filter((region) => new RegExp(use.source).test(region.text));
  return using.length > 0 && using.every((region) => region.depth === 0 && usesAreCertain(region.text, use));
};

interface Region {
  readonly text: string;
  /** How many blocks (if, for, macro, raw, …) are open around it. */
  readonly depth: number;
}

const OPENING = /^(?:if|for|macro|call|filter|block|raw|autoescape|with)$/;

/** The expressions and statements of a template. The head of an `if` or `for` stands outside of its body. */
const regionsOf = (source: string): readonly Region[] => {
  const regions: Region[] = [];
  let depth = 0;
  for (const [, output, statement] of source.matchAll(
    /\{\{([\s\S]*?)\}\}|\{%([\s\S]*?)%\}|\{#[\s\S]*?#\}/g,
  )) {
    if (output !== undefined) regions.push({ text: output, depth });
    if (statement === undefined) continue;
    const body = statement.replace(/^[-+]|[-+]$/g, "").trim();
    const [word = ""] = /^\w+/.exec(body) ?? [];
    if (word.startsWith("end")) depth = Math.max(0, depth - 1);
    regions.push({
      text: body.replace(/^(?:if|for|set|elif)\b/, ""),
      depth: word === "elif" || word === "else" ? depth + 1 : depth,
    });
    if (OPENING.test(word) || (word === "set" && !body.includes("="))) depth += 1;
  }
  return regions;
};

const usesAreCertain = (expression: string, use: RegExp): boolean => {
  if (/\b(?:if|else)\b/.test(expression)) return false;
  return [...expression.matchAll(use)].every(
    (match) => !/\b(?:and|or)\b/.test(expression.slice(0, match.index)),
  );
};
