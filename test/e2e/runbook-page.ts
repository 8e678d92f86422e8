import { readFileSync } from "node:fs";

/** A command block of a page, with what the page says is seen. */
export interface PageBlock {
  /** The heading above it. */
  readonly section: string;
  readonly command: string;
  /** Lines that the output has, in this order, each somewhere in a line; `…` stands for anything. */
  readonly seen: readonly string[];
}

/** A fenced block of another language, such as a file that the reader writes. */
export interface PageFile {
  readonly section: string;
  readonly language: string;
  readonly text: string;
}

/** What a page asks its reader to do. */
export interface Page {
  readonly blocks: readonly PageBlock[];
  readonly files: readonly PageFile[];
}

const FENCE = /^```([\w-]*)\n([\s\S]*?)^```$|^#+ (.*)$/gm;

/** The commands (`sh`), their output (`text`, right below) and the files of a page, in order. */
export const readPage = (path: string): Page => {
  const blocks: PageBlock[] = [];
  const files: PageFile[] = [];
  let section = "";
  for (const [, language, text = "", heading] of readFileSync(path, "utf8").matchAll(FENCE)) {
    if (heading !== undefined) {
      section = heading;
      continue;
    }
    const last = blocks.at(-1);
    if (language === "sh") blocks.push({ section, command: text.trimEnd(), seen: [] });
    else if (language !== "text") files.push({ section, language: language ?? "", text });
    else if (last === undefined || last.section !== section || last.seen.length > 0)
      throw new Error(`${path}, ${section}: output that belongs to no command:\n${text}`);
    else blocks[blocks.length - 1] = { ...last, seen: text.split("\n").filter((line) => line !== "") };
  }
  return { blocks, files };
};

/** The first line that the output should have and does not, after those before it; null if it has all. */
export const missingLine = (seen: readonly string[], output: string): string | null => {
  const lines = output.split("\n");
  let from = 0;
  for (const line of seen) {
    const pattern = new RegExp(
      line
        .split("…")
        .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join(".*"),
    );
    const at = lines.findIndex((candidate, index) => index >= from && pattern.test(candidate));
    if (at < 0) return line;
    from = at;
  }
  return null;
};
