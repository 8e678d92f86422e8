import { expect, test } from "vitest";
import { createPalette, wantsColour } from "../../../src/report/palette.ts";

test.each([
  ["a terminal", {}, true, true],
  ["a pipe", {}, false, false],
  ["a terminal under NO_COLOR", { NO_COLOR: "1" }, true, false],
  ["a terminal under an empty NO_COLOR", { NO_COLOR: "" }, true, true],
  ["a pipe under FORCE_COLOR", { FORCE_COLOR: "1" }, false, true],
  ["a terminal under FORCE_COLOR=0", { FORCE_COLOR: "0" }, true, false],
  ["NO_COLOR against FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  ["a dumb terminal", { TERM: "dumb" }, true, false],
])("Colour on %s", (_, env, isTTY, expected) => {
  expect(wantsColour({ env, isTTY })).toBe(expected);
});

test("Without colour a text stays as it is, with colour it is Ansible's.", () => {
  expect(createPalette(false).changed("changed")).toBe("changed");
  expect(createPalette(true).changed("changed")).toBe("\u001b[33mchanged\u001b[39m");
});
