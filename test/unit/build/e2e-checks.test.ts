import { expect, test } from "vitest";
import { type HostFacts, lackOf } from "../../../src/build/e2e-checks.ts";
import { sum, totalsLine } from "../../../src/build/vitest.ts";

const FIT: HostFacts = { linux: true, root: true, apt: true, missing: [] };

test.each<readonly [string, Partial<HostFacts>, string | null]>([
  ["a fit host", {}, null],
  ["another system", { linux: false, root: false }, "the e2e tests need Linux"],
  ["a user", { root: false }, "the e2e tests need root: sudo npm run e2e"],
  ["a Debian without a package", { missing: ["nftables"] }, null],
  [
    "another distribution without a package",
    { apt: false, missing: ["nftables", "debootstrap"] },
    "the e2e tests need nftables, debootstrap, and there is no apt to install them",
  ],
])("On %s it is said in one line what is lacking.", (_, facts, expected) => {
  expect(lackOf({ ...FIT, ...facts })).toBe(expected);
});

test("Totals are summed up in one line.", () => {
  const total = sum([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 4, failed: 2, skipped: 0 },
  ]);
  expect(totalsLine(total)).toBe("7 passed, 2 failed, 1 skipped");
});
