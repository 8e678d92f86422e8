import fc from "fast-check";
import { expect, test } from "vitest";
import { el, escapeText, writeMarkup } from "../../../../src/report/html/markup.ts";
import { all, parsed, textOf } from "./parsed.ts";

const asIs = (text: string): string => text;

test("Whatever a text holds, it is that text and no markup, between tags and in attributes.", () => {
  const printable = fc.string({
    unit: fc.constantFrom("<", ">", "&", '"', "'", "a", "/", "=", "é", "`", "-", " "),
  });
  fc.assert(
    fc.property(printable, printable, (inside, attribute) => {
      const page = parsed(writeMarkup(el("p", { title: attribute }, inside), asIs));
      const [p, ...others] = all(page, ({ tag }) => tag !== "");
      expect(others).toEqual([]);
      expect([p?.tag, textOf(page), p?.attributes.get("title")]).toEqual(["p", inside, attribute]);
    }),
  );
});

test("What cannot be seen, or would turn the order of reading, is shown as what it is.", () => {
  expect(escapeText("a\u001b[31mb\u0000\tc\nd")).toBe("a\u241b[31mb\u2400\tc\nd");
  expect(escapeText("user\u202egnp.exe \u009b2J")).toBe("user\\u202egnp.exe \\u009b2J");
});

test("Secrets are taken out before a text is escaped, so that one with & in it is found.", () => {
  const redact = (text: string): string => text.replaceAll("p&w<1", "[redacted]");
  const written = writeMarkup(el("p", { title: "p&w<1" }, "it is p&w<1", 7), redact);
  expect(written).toBe('<p title="[redacted]">it is [redacted]7</p>');
});

test("Attributes without a value, left out, and elements that have no end.", () => {
  expect(writeMarkup([el("details", { open: true, class: null, id: false }), el("br", {}), null], asIs)).toBe(
    "<details open></details><br>",
  );
});
