import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCredentials } from "../../../src/cli/credentials.ts";
import type { CredentialRequest } from "../../../src/cli/run-options.ts";
import { recordIo } from "./io.ts";

const NOTHING: CredentialRequest = {
  askConnection: false,
  askBecome: false,
  connectionFile: null,
  becomeFile: null,
  askVault: false,
  vaultFiles: [],
  vaultIds: [],
};

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbplay-credentials-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const revealed = async (request: Partial<CredentialRequest>, answers: readonly string[] = []) => {
  const recorded = recordIo(directory, { answers });
  const { connection, become, vaults } = await readCredentials({ ...NOTHING, ...request }, recorded.io);
  return {
    connection: connection?.reveal() ?? null,
    become: become?.reveal() ?? null,
    vaults: vaults.map(({ id, password }) => `${id}=${password.reveal()}`),
    questions: recorded.questions,
  };
};

test("Nothing asked for, nothing asked.", async () => {
  expect(await revealed({})).toEqual({ connection: null, become: null, vaults: [], questions: [] });
});

test("Passwords are asked for in Ansible's order, and an empty sudo password means the login's.", async () => {
  expect(
    await revealed({ askConnection: true, askBecome: true, askVault: true }, ["login", "", "safe"]),
  ).toEqual({
    connection: "login",
    become: "login",
    vaults: ["default=safe"],
    questions: ["SSH password: ", "BECOME password[defaults to SSH password]: ", "Vault password: "],
  });
});

test("Files give passwords without the blanks around them; labels keep vault passwords apart.", async () => {
  await writeFile(join(directory, "sudo"), "  s3cret\n");
  await writeFile(join(directory, "vault"), "safe\n");
  expect(
    await revealed(
      { becomeFile: "sudo", vaultFiles: ["vault"], vaultIds: ["prod@vault", "dev@prompt", "vault"] },
      ["asked"],
    ),
  ).toEqual({
    connection: null,
    become: "s3cret",
    vaults: ["prod=safe", "dev=asked", "default=safe", "default=safe"],
    questions: ["Vault password (dev): "],
  });
});

test("An executable file is run, and one whose name ends in -client is told the vault id.", async () => {
  await writeFile(join(directory, "keys-client.sh"), '#!/bin/sh\necho "for $1 $2"\n');
  await chmod(join(directory, "keys-client.sh"), 0o755);
  const { vaults } = await revealed({ vaultIds: ["prod@keys-client.sh"] });
  expect(vaults).toEqual(["prod=for --vault-id prod"]);
});

test.each([
  ["missing", "cannot read the password file missing"],
  ["empty", "the password file empty gives no password"],
])("A password file that is %s is a mistake of the user's.", async (file, message) => {
  await writeFile(join(directory, "empty"), "\n");
  await expect(revealed({ connectionFile: file })).rejects.toMatchObject({
    code: "E_PASSWORD_FILE",
    message,
  });
});

test("A password never shows in what is thrown or printed.", async () => {
  await writeFile(join(directory, "sudo"), "s3cret");
  const { io } = recordIo(directory);
  const credentials = await readCredentials({ ...NOTHING, becomeFile: "sudo" }, io);
  expect(JSON.stringify(credentials)).not.toContain("s3cret");
  expect(`${credentials.become}`).toBe("[redacted]");
});
