import type { Directive, HaproxyConfig } from "../../haproxy/config.ts";

/** The line of `global` that holds, where only one of a keyword can; null where there is none. */
export const globalLine = ({ global }: HaproxyConfig, keyword: string): Directive | null =>
  global.findLast((directive) => directive.keyword === keyword) ?? null;

/** The number that a line sets; null for a variable, and where there is no line. */
export const numberOf = (line: Directive | null): number | null => {
  const text = line?.args[0]?.text ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
};
