import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadInventory } from "../../../src/config/inventory.ts";
import { decryptVault, isVaultText } from "../../../src/config/vault.ts";
import { LbplayError, LbplayErrors, placeText } from "../../../src/core/error.ts";
import { secret } from "../../../src/core/secret.ts";
import { plain } from "./plain.ts";

// Made by ansible-vault 2.14; the passwords are password1 and, for the id prod, zwölf.
const V11 = `$ANSIBLE_VAULT;1.1;AES256
65663761623563396636356264633061663531326532396163613664643166653735363933373266
3835386465356664313036363339376337656465643539650a336364313631316434663165623931
37303733346266643131363263663162343562656564376536336434393539616638303862383438
3562316132623366620a393864326336316630616562303461333865353630613535613334646633
34643163386531656535383461613937343462643135616335396430346439613732316230633434
39373963333839303639656530326133306537656230626335303966363561366138363935393161
30363431393039393261373936303333333430626363626439633234356437663639646239623761
31326664356465323236
`;
const V12 = `$ANSIBLE_VAULT;1.2;AES256;prod
36323034373665303363653438306137626364653937343439633865643763396666386361386436
3139366331653738393735306235646265356133303265370a326266613537623865333561303331
62646534336666623561316436383830623935343163343538333766383534393536323664666639
3033336663663330350a656636373634326631626661323861383039633133353265303833326663
34633538643237643932656430396339323135383733373864336637303864383232376135643037
65393566613332613930326335363835336238346333353636326264663462393536336133366331
38343964613364643433313236613763343133333733366633663137616562333166393433363233
39646466623136366339
`;
const EMPTY = `$ANSIBLE_VAULT;1.1;AES256
63383631376236626161323064333735356531643764636462323063336237353237336235633938
3537326161326233313962633134393766313664323036330a613034636530346434386364336434
31656532343238356331343936653865666538633162343530353866323532353063633665393365
3234386534306162320a613738656261303262306234306564663064346262636661366362646633
3039
`;
const INLINE = `secret_key: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          36353039346633636435383737316532396561656164336438663936356563643162633334356431
          3063383338626265373134383465313963366335303732350a643066356265323337663138366666
          37626363306465636664376261353261303834386539366231653633376336663263343465346363
          6237666331643331330a663565326338343665386166396430336665363835333166373237313065
          30366466363364326336393833386639323261616533653765373331323066343732
`;
const TEXT = `vault_user: admin
vault_port: 8404
nested:
  - key: "{{ vault_user }}-s3cret"
`;

const vault = (id: string, password: string) => ({ id, password: secret(password) });
const read = (envelope: string, ...passwords: readonly (readonly [string, string])[]): string =>
  decryptVault(
    envelope,
    passwords.map(([id, password]) => vault(id, password)),
    null,
  ).toString("utf8");

const faultOf = (body: () => unknown): unknown => {
  try {
    return body();
  } catch (error) {
    if (error instanceof LbplayError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
};

test("Envelopes of ansible-vault 1.1 and 1.2 are decrypted, an empty file too.", () => {
  expect(read(V11, ["default", "password1"])).toBe(TEXT);
  expect(read(V12, ["prod", "zwölf"])).toBe(TEXT);
  expect(read(EMPTY, ["default", "password1"])).toBe("");
  expect(isVaultText(V11)).toBe(true);
  expect(isVaultText(TEXT)).toBe(false);
});

test("The password of the envelope's id is tried first, then all others.", () => {
  expect(read(V12, ["default", "password1"], ["prod", "zwölf"])).toBe(TEXT);
  expect(read(V12, ["prod", "wrong"], ["other", "zwölf"])).toBe(TEXT);
});

test("Windows line ends do no harm.", () => {
  expect(read(V11.replaceAll("\n", "\r\n"), ["default", "password1"])).toBe(TEXT);
});

test("What cannot be decrypted says why and what to do.", () => {
  expect(faultOf(() => read(V12))).toEqual({
    code: "E_VAULT",
    message: 'encrypted for the vault id "prod", and no vault password was given',
    hint: "give --vault-password-file FILE, --vault-id LABEL@FILE or --ask-vault-pass",
  });
  expect(faultOf(() => read(V11, ["default", "wrong"], ["b", "worse"]))).toEqual({
    code: "E_VAULT",
    message: "none of the vault passwords decrypts this",
    hint: "tried the vault ids: default, b",
  });
  expect(faultOf(() => read(`${V11}zz\n`, ["default", "password1"]))).toEqual({
    code: "E_VAULT",
    message: "the encrypted text is damaged",
    hint: "restore it from version control, or encrypt it anew",
  });
  expect(faultOf(() => read(V11.replace("AES256", "AES"), ["default", "password1"]))).toEqual({
    code: "E_VAULT",
    message: "unknown vault cipher AES",
    hint: "only AES256 is known; rekey the file",
  });
  expect(faultOf(() => read("$ANSIBLE_VAULT;9\n00", ["default", "password1"]))).toEqual({
    code: "E_VAULT",
    message: 'not an ansible-vault header: "$ANSIBLE_VAULT;9"',
    hint: "expected $ANSIBLE_VAULT;1.1;AES256",
  });
});

let cwd = "";
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "lbplay-vault-"));
  mkdirSync(join(cwd, "group_vars"));
  writeFileSync(join(cwd, "hosts"), "[lb]\nlb1\n");
  writeFileSync(join(cwd, "group_vars/lb.yml"), V11);
  writeFileSync(join(cwd, "group_vars/all.yml"), INLINE);
});
afterAll(() => rmSync(cwd, { recursive: true }));

test("Encrypted files and inline values are read; every text that came out of a vault is told; inline ones are never templates.", () => {
  const secrets: string[] = [];
  const options = {
    cwd,
    playbookDir: null,
    vaults: [vault("default", "password1")],
    onSecret: (text: string) => secrets.push(text),
  };
  const { inventory } = loadInventory(["hosts"], options);
  const {
    inventory_file: _file,
    inventory_dir: _dir,
    ...vars
  } = plain(inventory.hosts.get("lb1")?.vars ?? null) as Record<string, unknown>;
  expect(vars).toEqual({
    secret_key: "top {{ not a template }} secret",
    vault_user: "admin",
    vault_port: 8404,
    nested: [{ key: "{{ vault_user }}-s3cret" }],
  });
  expect(inventory.hosts.get("lb1")?.vars.get("secret_key")).toBe("top {{ not a template }} secret");
  expect([...secrets].sort()).toEqual([
    "8404",
    "admin",
    "top {{ not a template }} secret",
    "{{ vault_user }}-s3cret",
  ]);
});

test("Places in an encrypted file point into a text whose values are hidden.", () => {
  const options = { cwd, playbookDir: null, vaults: [vault("default", "password1")], onSecret: () => {} };
  const { inventory } = loadInventory(["hosts"], options);
  const [item] = (inventory.hosts.get("lb1")?.vars.get("nested") ?? []) as readonly ReadonlyMap<
    string,
    unknown
  >[];
  const key = item?.get("key");
  if (typeof key !== "object" || key === null || !("at" in key)) throw new Error("expected a template");
  const { at } = key as { at: Parameters<typeof placeText>[0] };
  expect(placeText(at)).toBe("group_vars/lb.yml:4:11");
  expect(at?.source.text).toBe(`vault_user: *****\nvault_port: ****\nnested:\n  - key: ${"*".repeat(25)}\n`);
});

test("A wrong password is told for every vault with its place.", () => {
  const options = { cwd, playbookDir: null, vaults: [vault("default", "wrong")], onSecret: () => {} };
  try {
    loadInventory(["hosts"], options);
    expect.fail("decrypted with a wrong password");
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    expect(error.errors.map(({ code, at }) => [code, placeText(at)])).toEqual([
      ["E_VAULT", "group_vars/all.yml:2:11"],
      ["E_VAULT", "group_vars/lb.yml:1:1"],
    ]);
  }
});
