import type { Place } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import type { KeepalivedStatement } from "./syntax.ts";
import { lineTokens, type PlaceOf } from "./words.ts";

interface Growing {
  readonly words: Word[];
  readonly condition: Word | null;
  block: Growing[] | null;
}

/** No keyword of keepalived has a block so deep. */
const DEEPEST = 100;

/** Takes lines and makes statements with their blocks of them. */
export const growTree = () => {
  const roots: Growing[] = [];
  const problems: SyntaxProblem[] = [];
  const open: { readonly statements: Growing[]; readonly at: Place | null }[] = [
    { statements: roots, at: null },
  ];
  const level = (): Growing[] => open.at(-1)?.statements ?? roots;
  const report = (at: Place, message: string) => problems.push({ at, message, severity: "error" });

  const enter = (at: Place, sameLine: boolean) => {
    if (open.length > DEEPEST) {
      report(at, `blocks are nested more than ${DEEPEST} deep`);
      open.push({ statements: level(), at });
      return;
    }
    const last = level().at(-1);
    const owner: Growing =
      last === undefined || last.block !== null || !(sameLine || mayOwn(last))
        ? { words: [], condition: null, block: null }
        : last;
    if (owner !== last) {
      report(at, "there is no keyword before this brace");
      level().push(owner);
    }
    const statements: Growing[] = [];
    owner.block = statements;
    open.push({ statements, at });
  };

  return {
    /** A statement that is no ordinary line. */
    add: ({ words, condition, block }: KeepalivedStatement) => {
      level().push({ words: [...words], condition, block: block === null ? null : [] });
    },

    /** A line without its comment. */
    addLine: (content: string, placeOf: PlaceOf) => {
      const { condition, from } = conditionOf(content, placeOf);
      const rest = content.slice(from);
      const restAt: PlaceOf = (offset, length) => placeOf(offset + from, length);
      const generator = generatorOf(rest, restAt);
      if (generator !== null) {
        level().push({ words: [generator.head, generator.rest], condition, block: null });
        return;
      }
      const { tokens, problems: found } = lineTokens(rest, restAt);
      problems.push(...found);
      let current: Growing | null = null;
      for (const token of tokens) {
        if (token.kind === "word") {
          if (current === null) {
            current = { words: [], condition, block: null };
            level().push(current);
          }
          current.words.push(token.word);
          continue;
        }
        if (token.kind === "open") enter(token.at, current !== null);
        else if (open.length > 1) open.pop();
        else report(token.at, "this brace closes nothing");
        current = null;
      }
    },

    /** What has grown. */
    end: (): {
      readonly statements: readonly KeepalivedStatement[];
      readonly problems: readonly SyntaxProblem[];
    } => {
      for (const { at } of open) if (at !== null) report(at, "this brace is not closed");
      return { statements: roots, problems };
    },
  };
};

/** A block may begin in the line after its keyword; not after a definition or an include. */
const mayOwn = ({ words: [first] }: Growing): boolean =>
  first !== undefined && !/^[$~]/.test(first.text) && !/^include[rmwba]?$/.test(first.text);

/** `@name` or `@^name` at the beginning of a line, and where the statement behind it begins. */
export const conditionOf = (
  content: string,
  placeOf: PlaceOf,
): { readonly condition: Word | null; readonly from: number } => {
  const [whole, blanks = "", text = ""] = /^([ \t]*)(@\S+)[ \t]*/.exec(content) ?? [];
  if (whole === undefined) return { condition: null, from: 0 };
  return {
    condition: { text, raw: text, at: placeOf(blanks.length, text.length) },
    from: whole.length,
  };
};

/** `~SEQ(…)` or `~LST(…)` and the rest of the line, which keepalived repeats; null for another line. */
export const generatorOf = (
  content: string,
  placeOf: PlaceOf,
): { readonly head: Word; readonly rest: Word } | null => {
  const [, blanks, head, gap, rest] = /^([ \t]*)(~(?:SEQ|LST)[^)]*\))([ \t]*)(.*)$/s.exec(content) ?? [];
  if (blanks === undefined || head === undefined || gap === undefined || rest === undefined) return null;
  const after = blanks.length + head.length + gap.length;
  return {
    head: { text: head, raw: head, at: placeOf(blanks.length, head.length) },
    rest: { text: rest.trimEnd(), raw: rest, at: placeOf(after, Math.max(1, rest.length)) },
  };
};
