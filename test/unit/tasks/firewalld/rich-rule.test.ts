import { expect, test } from "vitest";
import { canonicalRule } from "../../../../src/tasks/firewalld/rich-rule.ts";

test.each([
  ["rule protocol value=vrrp accept", `rule protocol value="vrrp" accept`],
  [
    "rule family=ipv4 service name='http' accept limit value=1/m source NOT address=10.0.0.0/8",
    `rule family="ipv4" source NOT address="10.0.0.0/8" service name="http" accept limit value="1/m"`,
  ],
  [
    `rule family="ipv4" source invert="True" address="10.0.0.1" drop`,
    "rule family=ipv4 source not address=10.0.0.1 drop",
  ],
])("%s is %s", (left, right) => {
  expect(canonicalRule(left)).toBe(canonicalRule(right));
  expect(canonicalRule(right)).not.toBeNull();
});

test("Rules that differ in a value, an element or what a limit belongs to are different.", () => {
  const forms = [
    "rule protocol value=vrrp accept",
    "rule protocol value=ah accept",
    "rule protocol value=vrrp drop",
    "rule family=ipv6 protocol value=vrrp accept",
    "rule protocol value=vrrp log limit value=1/m accept",
    "rule protocol value=vrrp log accept limit value=1/m",
    "rule priority=-1 protocol value=vrrp accept",
  ].map(canonicalRule);
  expect(new Set(forms).size).toBe(forms.length);
  expect(forms).not.toContain(null);
});

test("What is no rule is told from one.", () => {
  expect(
    ["", "accept", "rule nonsense", 'rule service name="http', "rule=x accept"].map(canonicalRule),
  ).toEqual([null, null, null, null, null]);
});
