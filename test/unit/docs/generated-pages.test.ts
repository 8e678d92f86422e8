import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedPages } from "../../../src/build/generated-pages.ts";

test.each(Object.entries(generatedPages()))("%s is what `npm run docs` makes", (path, text) => {
  expect(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")).toBe(text);
});
