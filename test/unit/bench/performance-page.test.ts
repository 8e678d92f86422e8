import { expect, test } from "vitest";
import { medianOf, performancePage } from "../../../bench/performance/report.ts";

test("a table has medians, spread, and each program against lbplay", () => {
  const page = performancePage(
    [
      {
        title: "Nothing changed: site",
        about: "All is as it should be.",
        measured: [
          { contestant: "lbplay", times: [300, 500, 400], trips: 2 },
          { contestant: "Ansible, pipelining", times: [8000, 6000, 10_000], trips: null },
        ],
      },
    ],
    { lbplay: "0.1.0" },
  );
  expect(page).toContain("## Nothing changed: site\n\nAll is as it should be.\n");
  expect(page).toContain("| lbplay | 400 ms | 300 ms to 500 ms | 3 | 1.00 | 2 |");
  expect(page).toContain("| Ansible, pipelining | 8.00 s | 6.00 s to 10.00 s | 3 | 20.00 |  |");
  expect(page).toContain("- lbplay: 0.1.0\n");
});

test("a median is one of what was measured", () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 3, 2])).toBe(3);
});
