import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { pageText } from "../../../../src/report/html/page.ts";
import { all, parsed, textOf } from "./parsed.ts";

const html = pageText(
  {
    kind: "Report of a test",
    title: "</title><script>alert(1)</script>",
    verdict: { tone: "ok", word: "Well", text: "All is well." },
    content: [],
  },
  { version: "1.2.3", time: Date.UTC(2026, 4, 3, 2, 1), redact: (text) => text },
);
const page = parsed(html);

test("A browser may load, run and send nothing, and use only the style that is in the page.", () => {
  const [policy] = all(page, ({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy");
  const style = all(page, ({ tag }) => tag === "style")
    .map(textOf)
    .join();
  const hash = createHash("sha256").update(style).digest("base64");
  expect(policy?.attributes.get("content")).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
  expect(all(page, ({ tag }) => ["script", "link", "img", "iframe"].includes(tag))).toEqual([]);
  expect(style).not.toMatch(/@import|url\(/);
});

test("Title, verdict and date are there as they are.", () => {
  expect(all(page, ({ tag }) => tag === "title").map(textOf)).toEqual(["</title><script>alert(1)</script>"]);
  expect(textOf(page)).toContain("Written by lbplay 1.2.3 at 2026-05-03 02:01:00 UTC.");
});
