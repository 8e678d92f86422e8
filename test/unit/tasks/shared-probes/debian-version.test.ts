import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { compareDebianVersions } from "../../../../src/tasks/shared-probes/debian-version.ts";

/** Each older than the next. */
const ORDERED = [
  "1.0~~",
  "1.0~~a",
  "1.0~",
  "1.0~beta1",
  "1.0",
  "1.0-0+deb12u1",
  "1.0-1~bpo11+1",
  "1.0-1",
  "1.0-1ubuntu1",
  "1.0-1+b2",
  "1.0-2",
  "1.0a",
  "1.0+dfsg",
  "1.0.1",
  "1.9",
  "1.10",
  "1.010.1",
  "2.6.12-1+deb12u2",
  "2.6.12-1+deb12u4",
  "20240101",
  "1:0.1",
  "1:2.2.7-1+b2",
  "2:0",
];

const pairs = ORDERED.flatMap((left, i) =>
  ORDERED.map((right, j) => ({ left, right, sign: Math.sign(i - j) })),
);

test("Versions sort as Debian sorts them.", () => {
  const wrong = pairs.filter(
    ({ left, right, sign }) => Math.sign(compareDebianVersions(left, right)) !== sign,
  );
  expect(wrong).toEqual([]);
});

test("A missing revision is 0, and leading zeros do not count.", () => {
  expect(compareDebianVersions("1.0", "1.0-0")).toBe(0);
  expect(compareDebianVersions("01.0", "1.00")).toBe(0);
  expect(compareDebianVersions("0:1", "1")).toBe(0);
});

test.skipIf(!existsSync("/usr/bin/dpkg"))("dpkg itself agrees, neighbour by neighbour.", () => {
  const disagreed = ORDERED.slice(1).filter(
    (right, index) =>
      spawnSync("dpkg", ["--compare-versions", ORDERED[index] ?? "", "lt", right]).status !== 0,
  );
  expect(disagreed).toEqual([]);
});
