import type { Place } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import { type Definition, definitionOf, type LogicalLine } from "./logical-lines.ts";
import { repetitions } from "./repeat.ts";
import { substitute } from "./substitute.ts";
import type { KeepalivedStatement } from "./syntax.ts";
import { conditionOf, generatorOf, growTree } from "./tree.ts";
import type { PlaceOf } from "./words.ts";

/** Statements as keepalived takes them on one machine. */
export interface Expanded {
  readonly statements: readonly KeepalivedStatement[];
  readonly problems: readonly SyntaxProblem[];
}

/** A definition that leads to itself, or repetitions without end, stop here; the length is of one text with all put in. */
const MOST_LINES = 50_000;
/** Characters of all lines, each counted whenever something was put in. */
const MOST_TEXT = 2_000_000;
const DEEPEST = 50;
const LONGEST = 20_000;

/**
 * Puts definitions in, repeats what `~SEQ` and `~LST` repeat, and drops the lines of other machines, line by line as
 * keepalived does before it looks at blocks. `configId` is keepalived's `-i`, by default the host's short name; with null
 * no `@name` line holds and every `@^name` one does. What nothing defines stays as it is written.
 */
export const expandLines = (lines: readonly LogicalLine[], configId: string | null): Expanded => {
  const definitions = new Map<string, string>();
  const problems: SyntaxProblem[] = [];
  const tree = growTree();
  let left = MOST_LINES;
  let textLeft = MOST_TEXT;
  let tooMuch = false;
  const report = (at: Place, message: string) => problems.push({ at, message, severity: "error" });

  const define = ({ condition, name, value }: Definition) => {
    if (holds(condition, configId)) definitions.set(name.text.slice(1, -1), value.text);
  };

  const take = (line: string, lineAt: PlaceOf, depth: number) => {
    if (left <= 0 || textLeft <= 0 || depth > DEEPEST) {
      if (!tooMuch)
        report(
          lineAt(0, line.length),
          "what stands here leads to itself, or to more lines than anybody can mean",
        );
      tooMuch = true;
      return;
    }
    left -= 1;
    textLeft -= line.length;
    const { condition, from } = conditionOf(line, lineAt);
    if (!holds(condition, configId)) return;
    const content = line.slice(from);
    const placeOf: PlaceOf = (offset, length) => lineAt(offset + from, length);
    const definition = definitionOf(content, placeOf);
    const generator = definition === null ? generatorOf(content, placeOf) : null;
    if (definition !== null) define(definition);
    else if (generator !== null) repeat(generator.head, generator.rest, depth);
    else {
      const put = substitute(content, placeOf, definitions);
      if (put === null) tree.addLine(content, placeOf);
      else if (put.text.length > LONGEST)
        report(placeOf(0, content.length), "with its definitions put in this line is too long");
      else takeAll(put.text, put.placeOf, depth);
    }
  };

  const takeAll = (text: string, placeOf: PlaceOf, depth: number) => {
    let offset = 0;
    for (const line of text.split("\n")) {
      const start = offset;
      take(line, (at, length) => placeOf(start + at, length), depth + 1);
      offset += line.length + 1;
    }
  };

  const repeat = (head: Word, rest: Word, depth: number) => {
    const text = substitute(head.text, () => head.at, definitions)?.text ?? head.text;
    const times = repetitions(text, left + 1);
    if (times === null) {
      report(head.at, `keepalived does not understand ${head.text}`);
      return;
    }
    for (const assignment of times) {
      for (const [name, value] of assignment) definitions.set(name, value);
      take(rest.text, () => rest.at, depth + 1);
    }
  };

  for (const line of lines) {
    if (line.kind === "line") take(line.content, line.placeOf, 0);
    else define(line);
  }
  const grown = tree.end();
  return { statements: grown.statements, problems: [...problems, ...grown.problems] };
};

const holds = (condition: Word | null, configId: string | null): boolean => {
  if (condition === null) return true;
  const reversed = condition.text.startsWith("@^");
  return (condition.text.slice(reversed ? 2 : 1) === configId) !== reversed;
};
