import { expect, test } from "vitest";
import { compareRpmVersions } from "../../../../src/tasks/shared-probes/rpm-version.ts";

/** Each older than the next; the pairs that rpm's own tests name are among them. */
const ORDERED = [
  "1.0~rc1",
  "1.0~rc1^git1",
  "1.0~rc2",
  "1.0",
  "1.0^",
  "1.0^git1~pre",
  "1.0^git1",
  "1.0^git2",
  "1.0.a",
  "1.0.1",
  "1.5.18-9.el7",
  "1.5.18-9.el7_1.1",
  "1.5.18-10.el7",
  "1.8.27-5.el8",
  "2.4.9",
  "2.4.22",
  "10.0",
];

test("Versions sort as rpm sorts them.", () => {
  const wrong = ORDERED.flatMap((left, i) =>
    ORDERED.flatMap((right, j) =>
      compareRpmVersions(left, right) === Math.sign(i - j) ? [] : [`${left} and ${right}`],
    ),
  );
  expect(wrong).toEqual([]);
});

test("Separators and leading zeros do not count.", () => {
  expect([
    compareRpmVersions("1.0", "1_0"),
    compareRpmVersions("1.01", "1.1"),
    compareRpmVersions("1.0.", "1.0"),
  ]).toEqual([0, 0, 0]);
});
