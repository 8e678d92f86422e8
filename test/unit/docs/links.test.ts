import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { HOW_TOS } from "./pages.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const below = (folder: string): readonly string[] =>
  readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);

/** Where a page's links lead, but for those to other sites and within the page. */
const linksOf = (page: string): readonly string[] =>
  [...readFileSync(ROOT + page, "utf8").matchAll(/\]\((?!\w+:)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, target = ""]) => target,
  );

test.each(["README.md", ...below("docs"), ...below("bench")])("%s links to what is there", (page) => {
  const missing = linksOf(page).filter((target) => !existsSync(join(ROOT, dirname(page), target)));
  expect(missing).toEqual([]);
});

test("the index of the documentation leads to every page", () => {
  const pages = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith(".md") && name !== "README.md");
  const linked = new Set(linksOf("docs/README.md"));
  expect([...pages, ...HOW_TOS].filter((page) => !linked.has(page))).toEqual([]);
});
