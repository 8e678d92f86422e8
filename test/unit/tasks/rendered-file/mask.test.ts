import { expect, test } from "vitest";
import { maskSecrets } from "../../../../src/tasks/rendered-file/rendered-file.ts";

test.each([
  ["    stats auth ops:kilo\\ tango # ours", "    stats auth ops:[redacted]"],
  ['\tuser ops insecure-password "kilo tango" groups g', "\tuser ops insecure-password [redacted] groups g"],
  ['  user ops password kilo\\ tango\\"x groups g', "  user ops password [redacted] groups g"],
  ["  user ops  password 'kilo tango'x", "  user ops  password [redacted]"],
  ['    auth_pass "kilo tango"', "    auth_pass [redacted]"],
  [
    '    http-request set-header Authorization "Basic kilo tango"',
    "    http-request set-header Authorization [redacted]",
  ],
  ["    http-request deny unless { req.hdr(authorization) -m found }", null],
  ["    user haproxy", null],
])("%s", (line, masked) => {
  expect(maskSecrets(line)).toBe(masked ?? line);
});
