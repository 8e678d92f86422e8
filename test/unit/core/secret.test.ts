import { expect, test } from "vitest";
import { createRedactor } from "../../../src/core/secret.ts";
import { quote } from "../../../src/core/shell.ts";

const SECRET = 'it\'s "a" pass/word ü';

test.each([
  ["itself", SECRET],
  ["JSON", JSON.stringify({ key: SECRET })],
  ["a shell's words", `echo ${quote(SECRET)}`],
  ["a URL", `https://me:${encodeURIComponent(SECRET)}@lb1/`],
  ["base64", Buffer.from(SECRET).toString("base64")],
])("A secret is found in the form of %s.", (_form, text) => {
  const redactor = createRedactor();
  redactor.add(SECRET);
  const shown = redactor.redact(text);
  expect(shown).toContain("[redacted]");
  expect(shown).not.toContain("pass");
});

test("A short text and a half surrogate are taken as they are.", () => {
  const redactor = createRedactor();
  redactor.add("abc");
  redactor.add("half \ud800");
  expect(redactor.redact("abc half \ud800!")).toBe("abc [redacted]!");
});
