import { expect, test } from "vitest";
import { maskSecrets, secretsIn } from "../../../src/lb/mask.ts";

const TEXT = `global
    setenv DB_PASSWORD hunter2
    setenv REGION eu-west
userlist ops
    user ann password $5$abc$def groups admins
    user bob insecure-password "open sesame"
listen stats
    stats auth admin:s3cret
    http-check send hdr Authorization "Basic YWRtaW4="
    tcp-check send AUTH\\ redis-pass\\r\\n
authentication {
    auth_type PASS
    auth_pass p4ss word  # comment
}
`;

test("Secrets of both daemons' configurations are masked, and nothing else moves.", () => {
  const masked = maskSecrets(TEXT);
  for (const hidden of ["hunter2", "$5$abc$def", "sesame", "s3cret", "YWRtaW4", "redis-pass", "p4ss"])
    expect(masked).not.toContain(hidden);
  for (const shown of ["eu-west", "ann", "admin:", "groups admins", "auth_type PASS", "# comment"])
    expect(masked).toContain(shown);
  expect(masked.split("\n").map((line) => line.length)).toEqual(TEXT.split("\n").map((line) => line.length));
});

test("Secrets are found as they are written and without their quotes.", () => {
  expect(secretsIn('    auth_pass "four words"\n')).toEqual(['"four words"', "four words"]);
  expect(secretsIn("    stats auth admin:s3cret\n")).toContain("s3cret");
});
