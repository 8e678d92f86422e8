import type { Place } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import { repetitions } from "./repeat.ts";
import type { KeepalivedStatement } from "./syntax.ts";
import { growTree } from "./tree.ts";

/** Statements as keepalived takes them on one machine. */
export interface Expanded {
  readonly statements: readonly KeepalivedStatement[];
  readonly problems: readonly SyntaxProblem[];
}

/** A definition that leads to itself, or repetitions without end, stop here; the length is of one text with all put in. */
const MOST_STATEMENTS = 100_000;
const DEEPEST = 50;
const LONGEST = 20_000;

/**
 * Puts definitions in for `$NAME` and `${NAME}`, repeats what `~SEQ` and `~LST` repeat, and drops the lines of other
 * machines: `configId` is keepalived's `-i`, by default the host's short name; with null no `@name` line holds and every
 * `@^name` one does. What nothing defines stays as it is written.
 */
export const expandStatements = (
  statements: readonly KeepalivedStatement[],
  configId: string | null,
): Expanded => {
  const definitions = new Map<string, string>();
  const problems: SyntaxProblem[] = [];
  let left = MOST_STATEMENTS;

  const expandAll = (list: readonly KeepalivedStatement[], depth: number): readonly KeepalivedStatement[] =>
    list.flatMap((statement) => expand(statement, depth));

  const expand = (statement: KeepalivedStatement, depth: number): readonly KeepalivedStatement[] => {
    const { words, condition, block } = statement;
    const [first, second] = words;
    if (!holds(condition, configId)) return [];
    const name = first === undefined ? undefined : DEFINITION.exec(first.text)?.[1];
    if (name !== undefined) {
      definitions.set(name, second?.text ?? "");
      return [];
    }
    if (first?.text.startsWith("~") && second !== undefined) return repeat(first, second, depth);
    const put = first === undefined ? null : substitute(statement, first.at);
    if (put === null || depth >= DEEPEST || left <= 0)
      return [{ words, condition: null, block: block === null ? null : expandAll(block, depth) }];
    return expandAll(put, depth + 1);
  };

  const repeat = (head: Word, body: Word, depth: number): readonly KeepalivedStatement[] => {
    const times = repetitions(put(head.text, definitions), MOST_STATEMENTS);
    if (times === null) {
      problems.push({
        at: head.at,
        message: `keepalived does not understand ${head.text}`,
        severity: "error",
      });
      return [];
    }
    return times.flatMap((assignment) => {
      if (left <= 0) return [];
      left -= 1;
      for (const [name, value] of assignment) definitions.set(name, value);
      return expandAll(statementsOf(body.text, body.at), depth);
    });
  };

  /** The statements that come of a line with its definitions put in; null where there is none to put in. */
  const substitute = (
    { words, block }: KeepalivedStatement,
    at: Place,
  ): readonly KeepalivedStatement[] | null => {
    const line = words.map(({ raw }) => raw).join(" ");
    const text = put(line, definitions);
    if (text === line || text.length > LONGEST) return null;
    left -= 1;
    const made = statementsOf(text, at);
    const last = made.at(-1);
    if (last === undefined) return [];
    const kept = made.length === 1 && last.words.length === words.length;
    const placed = kept
      ? last.words.map((word, index) => ({ ...word, at: words[index]?.at ?? word.at }))
      : last.words;
    return [...made.slice(0, -1), { ...last, words: placed, block: block ?? last.block }];
  };

  return { statements: expandAll(statements, 0), problems };
};

const DEFINITION = /^\$(\w+)=$/;

const holds = (condition: Word | null, configId: string | null): boolean => {
  if (condition === null) return true;
  const reversed = condition.text.startsWith("@^");
  return (condition.text.slice(reversed ? 2 : 1) === configId) !== reversed;
};

const put = (line: string, definitions: ReadonlyMap<string, string>): string =>
  line.replace(
    /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)(?=[ \t,)]|$))/g,
    (whole, braced: string | undefined, plain: string | undefined) =>
      definitions.get(braced ?? plain ?? "") ?? whole,
  );

/** The statements of a text that stands nowhere in the file: all of them are where it is used. */
const statementsOf = (text: string, at: Place): readonly KeepalivedStatement[] => {
  const tree = growTree();
  for (const line of text.split("\n")) tree.addLine(line, () => at);
  return tree.end().statements;
};
