import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const page = new URL("../../../docs/walkthroughs.md", import.meta.url);
const text = readFileSync(page, "utf8");

/** How many items each walkthrough has. */
const COUNTS: Readonly<Record<string, number>> = { "0.": 80, "1.": 71, "2.": 32, "3.": 26, "4.": 18, E: 52 };

const numbers = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

interface Item {
  readonly number: string;
  /** The line says why there is nothing to prove. */
  readonly refused: boolean;
  readonly code: readonly string[];
  readonly proof: readonly string[];
}

const names = (words: string): readonly string[] =>
  [...words.matchAll(/\[([\w-]+)\]/g)].map(([, name = ""]) => name);

const items: readonly Item[] = text.split("\n").flatMap((line) => {
  const found = /^- \*\*([0-9E.]+)\*\* (.*) · (.*)$/.exec(line);
  return found === null
    ? []
    : [
        {
          number: found[1] ?? "",
          refused: (found[2] ?? "").includes("Not done"),
          code: names(found[2] ?? ""),
          proof: names(found[3] ?? ""),
        },
      ];
});

const targets = new Map(
  [...text.matchAll(/^\[([\w-]+)\]: (\S+)$/gm)].map(([, name = "", path = ""]) => [name, path]),
);

describe("the page about the walkthroughs", () => {
  it("has one line for every item, in order", () => {
    const expected = Object.entries(COUNTS).flatMap(([prefix, count]) => numbers(prefix, count));
    expect(items.map(({ number }) => number)).toEqual(expected);
    expect(text.match(/^- /gm)).toHaveLength(expected.length);
  });

  it("names for each the code and the proof, or says that it is not done", () => {
    const bare = items.filter(
      ({ code, proof, refused }) => code.length === 0 || (proof.length === 0 && !refused),
    );
    expect(bare.map(({ number }) => number)).toEqual([]);
  });

  it("proves by tests, and not by code", () => {
    const proofs = items.flatMap(({ proof }) => proof.map((name) => targets.get(name) ?? name));
    expect(proofs.filter((path) => !path.startsWith("../test/"))).toEqual([]);
    const code = items.flatMap((item) => item.code.map((name) => targets.get(name) ?? name));
    expect(code.filter((path) => path.startsWith("../test/"))).toEqual([]);
  });

  it("links to files that are there, each by a name that is used", () => {
    const used = new Set(items.flatMap(({ code, proof }) => [...code, ...proof]));
    expect([...used].filter((name) => !targets.has(name))).toEqual([]);
    expect([...targets.keys()].filter((name) => !used.has(name))).toEqual([]);
    const inline = [...text.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path = ""]) => path);
    const missing = [...targets.values(), ...inline].filter(
      (path) => !existsSync(fileURLToPath(new URL(path, page))),
    );
    expect(missing).toEqual([]);
  });
});
