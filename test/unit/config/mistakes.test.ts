import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mistakesOf, type Seen } from "./site.ts";

/**
 * Each file in mistakes/ is a broken site and what is said of it: `=== path` starts a file of the site, `=== says`
 * the mistakes, each as code and place, then indented the message and perhaps the hint.
 */
const directory = new URL("mistakes/", import.meta.url).pathname;

const sectionsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/^=== /m)
      .slice(1)
      .map((part) => {
        const newline = part.indexOf("\n");
        return [part.slice(0, newline), part.slice(newline + 1)] as const;
      }),
  );

const said = (mistakes: readonly Seen[]): string =>
  mistakes
    .map(
      ({ code, at, message, hint }) =>
        `${code} ${at ?? "-"}\n  ${message}\n${hint === null ? "" : `  ${hint}\n`}`,
    )
    .join("");

describe("a mistake is told with its place and what to do", () => {
  for (const name of readdirSync(directory)) {
    test(name.replace(".txt", "").replaceAll("-", " "), () => {
      const sections = sectionsOf(readFileSync(join(directory, name), "utf8"));
      const files = Object.fromEntries([...sections].filter(([path]) => path !== "says"));
      expect(said(mistakesOf(files))).toBe(sections.get("says"));
    });
  }
});
