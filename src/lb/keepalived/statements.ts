import type { Word } from "../syntax.ts";
import type { KeepalivedStatement } from "./syntax.ts";

/** The first word of a statement; empty for a block without one. */
export const keywordOf = ({ words }: KeepalivedStatement): string => words[0]?.text ?? "";

/** All statements with that keyword, in order. */
export const findStatements = (
  statements: readonly KeepalivedStatement[],
  keyword: string,
): readonly KeepalivedStatement[] => statements.filter((statement) => keywordOf(statement) === keyword);

/** The statement with that keyword that holds: the last one. null: there is none. */
export const findStatement = (
  statements: readonly KeepalivedStatement[],
  keyword: string,
): KeepalivedStatement | null => findStatements(statements, keyword).at(-1) ?? null;

/** The word behind a keyword, of the statement that holds; null where there is none. */
export const settingOf = (statements: readonly KeepalivedStatement[], keyword: string): Word | null =>
  findStatement(statements, keyword)?.words[1] ?? null;

/** The lines in all blocks with that keyword, as of `virtual_ipaddress { … }`. */
export const blockLines = (
  statements: readonly KeepalivedStatement[],
  keyword: string,
): readonly KeepalivedStatement[] => findStatements(statements, keyword).flatMap(({ block }) => block ?? []);

/** The words of the lines in all blocks with that keyword, as of `group { VI_1 VI_2 }`. */
export const blockWords = (statements: readonly KeepalivedStatement[], keyword: string): readonly Word[] =>
  blockLines(statements, keyword).flatMap(({ words }) => words);
