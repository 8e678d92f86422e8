import { type Block, blocksOf, fileOf } from "./pages.ts";

/** One thing that the page has its reader do, in order. */
export type Step =
  | { readonly kind: "write"; readonly line: number; readonly path: string; readonly text: string }
  | {
      readonly kind: "run";
      readonly line: number;
      readonly command: string;
      /** The lines that the page shows below the command. */
      readonly shown: readonly string[];
    };

/** What a page has its reader do; a block that is neither a file nor commands throws. */
export const stepsOf = (page: string): readonly Step[] =>
  blocksOf(page).flatMap((block): readonly Step[] => {
    const file = fileOf(block);
    if (block.language === "console") return commandsOf(block);
    if (file === null)
      throw new Error(`${page}:${block.line}: neither a file nor commands: ${block.language}`);
    return [{ kind: "write", line: block.line, path: file.path, text: file.text }];
  });

const commandsOf = ({ page, line, text }: Block): readonly Step[] => {
  const steps: { kind: "run"; line: number; command: string; shown: string[] }[] = [];
  for (const [index, row] of text.replace(/\n$/, "").split("\n").entries()) {
    const at = line + 1 + index;
    const last = steps.at(-1);
    if (row.startsWith("$ ")) steps.push({ kind: "run", line: at, command: row.slice(2), shown: [] });
    else if (last === undefined) throw new Error(`${page}:${at}: output without a command`);
    else last.shown.push(row);
  }
  return steps;
};

/** What differs from run to run, and from role to role: durations, counts of what was fine, names of interfaces. */
const stable = (line: string): string =>
  line
    .replaceAll(/\b\d+ min \d+ s\b|\b\d+(\.\d+)? s\b/g, "N s")
    .replaceAll(/\b(ok|skipped)=\d+ +/g, "$1=N ")
    .replaceAll(/\bchanged=[1-9]\d* +/g, "changed=N ")
    .replaceAll(/\d+ round trips? to (\d+ nodes?)(, at most \d+)?/g, "N round trips to $1")
    .replaceAll(/@if\d+/g, "@ifN")
    .replaceAll(/ +/g, " ")
    .trim();

/** The first shown line that the output does not have where it should be; null where the page is right. */
export const firstMissing = (shown: readonly string[], output: string): string | null => {
  const lines = output.replace(/\n$/, "").split("\n").map(stable);
  let next = 0;
  let anywhere = false;
  for (const line of shown) {
    if (line === "...") {
      anywhere = true;
      continue;
    }
    const fits = (candidate: string): boolean => {
      const wanted = stable(line);
      return wanted.endsWith(" ...") ? candidate.startsWith(wanted.slice(0, -3)) : candidate === wanted;
    };
    const found = anywhere ? lines.findIndex((candidate, index) => index >= next && fits(candidate)) : next;
    const candidate = lines[found];
    if (found < 0 || candidate === undefined || !fits(candidate)) return line;
    next = found + 1;
    anywhere = false;
  }
  return anywhere || next >= lines.length || (shown.length === 0 && output === "")
    ? null
    : `(no more than ${next} lines)`;
};
