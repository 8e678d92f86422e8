import { expect, test } from "vitest";
import { createValidate } from "../../../src/cli/validation.ts";
import { tasks } from "../../../src/tasks/registry.ts";

const validate = createValidate(tasks);

const PARAMS = {
  name: "net.ipv4.ip_forward",
  value: "1",
  state: "present",
  sysctl_set: false,
  reload: true,
  sysctl_file: "/etc/sysctl.conf",
  ignoreerrors: false,
};

test("Parameters that fit have no faults, absent ones being null.", () => {
  expect(validate("sysctl", PARAMS)).toEqual([]);
  expect(validate("ansible.posix.sysctl", { ...PARAMS, value: null })).toEqual([]);
});

test("What does not fit is said in sentences, all at once, with the name that was probably meant.", () => {
  const { name: _, ...nameless } = PARAMS;
  expect(validate("sysctl", { ...nameless, state: "gone", sysctl_file: "etc", relaod: true })).toEqual([
    "name is required",
    'unknown parameter "relaod"; did you mean "reload"?',
    "state: expected one of present, absent",
    "sysctl_file: does not look as it should (it has to match ^/)",
  ]);
});

test("Every module has a validator; asking for another is a bug.", () => {
  for (const { name } of tasks) expect(Array.isArray(validate(name, {}))).toBe(true);
  expect(() => validate("sysctll", {})).toThrow("the build made no validator for the module sysctll");
});
