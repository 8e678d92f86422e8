import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { aptKey } from "../../../src/tasks/apt-key/apt-key.ts";
import { aptRepository } from "../../../src/tasks/apt-repository/apt-repository.ts";
import { applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const debian = existsSync("/usr/bin/apt-config");

const DEMO = "B058DBAC5458A8CE1235DEBE1A1059BF93580284";

/** The key of that id, armored and binary. */
const demoKey = (): { readonly armor: string; readonly binary: Buffer } => {
  const golden = parse(readFileSync(new URL("../../golden/rpm_key/file.yml", import.meta.url), "utf8"));
  const armor: string = golden.host["content of /root/demo.asc behind links"].file.content;
  return { armor, binary: Buffer.from(armor.split("\n").slice(2, -3).join(""), "base64") };
};

/** An apt of the test's own: its sources, lists and keys are in a directory. */
const ownApt = (): string => {
  const home = testDirectory();
  for (const name of ["parts", "trusted", "lists/partial", "cache/archives/partial"])
    mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, "sources.list"), "# deb http://off.invalid bookworm main\n");
  writeFileSync(
    join(home, "apt.conf"),
    [
      `Dir::Etc::sourcelist "${home}/sources.list";`,
      `Dir::Etc::sourceparts "${home}/parts";`,
      `Dir::Etc::trustedparts "${home}/trusted";`,
      `Dir::Etc::trusted "${home}/trusted.gpg";`,
      `Dir::State::lists "${home}/lists";`,
      `Dir::Cache "${home}/cache";`,
      'APT::Sandbox::User "";',
      "",
    ].join("\n"),
  );
  vi.stubEnv("APT_CONFIG", join(home, "apt.conf"));
  onTestFinished(() => void vi.unstubAllEnvs());
  return home;
};

describe.skipIf(!debian).each(SHELLS.map((words) => [words.join(" "), words] as const))(
  "under %s",
  (_name, sh) => {
    test("A source is added, switched on and taken out.", () => {
      const home = ownApt();
      const repo = "deb http://one.invalid/debian bookworm main";
      const added = applyHere(aptRepository, { repo, update_cache: false }, [], sh);
      expect([added.second, added.error]).toEqual([{ kind: "converged" }, null]);
      expect(readFileSync(join(home, "parts/one_invalid_debian.list"), "utf8")).toBe(`${repo}\n`);
      const off = { repo: "deb http://off.invalid bookworm main", update_cache: false };
      expect(applyHere(aptRepository, off, [], sh).second).toEqual({ kind: "converged" });
      expect(readFileSync(join(home, "sources.list"), "utf8")).toBe(`${off.repo}\n`);
      const gone = applyHere(aptRepository, { repo, update_cache: false, state: "absent" }, [], sh);
      expect(gone.second).toEqual({ kind: "converged" });
      expect(readdirSync(join(home, "parts"))).toEqual([]);
    });

    test("A key is trusted from a text, a file and a URL, only if it is the one that is meant, and distrusted.", () => {
      const home = ownApt();
      const { armor, binary } = demoKey();
      writeFileSync(join(home, "key.asc"), armor);
      writeFileSync(join(home, "key.gpg"), binary);
      const url = `file://${home}/key.asc`;
      const wrong = applyHere(aptKey, { url, id: "0123456789ABCDEF" }, [], sh);
      expect(wrong.error).toContain("the key is not 0123456789ABCDEF");
      expect(readdirSync(join(home, "trusted"))).toEqual([]);
      const sources = [
        [{ data: armor }, "asc"],
        [{ url }, "asc"],
        [{ url, id: DEMO.slice(-8) }, "asc"],
        [{ file: join(home, "key.gpg"), id: DEMO }, "gpg"],
        [{ file: join(home, "key.gpg") }, "gpg"],
      ] as const;
      for (const [source, suffix] of sources) {
        const added = applyHere(aptKey, source, [], sh);
        expect([added.first.kind, added.second, added.error]).toEqual([
          "changes",
          { kind: "converged" },
          null,
        ]);
        expect(readdirSync(join(home, "trusted")).map((name) => name.replace(/^.*\./, ""))).toEqual([suffix]);
        const gone = applyHere(aptKey, { id: DEMO, state: "absent" }, [], sh);
        expect(gone.second).toEqual({ kind: "converged" });
        expect(readdirSync(join(home, "trusted"))).toEqual([]);
      }
    });

    test("A key server is asked by HTTP, on gpg's own port where nothing else is said.", () => {
      ownApt();
      const asked = (keyserver: string): unknown => {
        const { plan } = planHere(aptKey, { id: DEMO, keyserver }, [], sh);
        const action = plan.kind === "changes" ? plan.changes[0].actions[0] : undefined;
        return action?.kind === "script" ? action.stdin?.toString() : plan;
      };
      const query = `/pks/lookup?op=get&options=mr&search=0x${DEMO}\n`;
      expect(asked("keyserver.ubuntu.com")).toBe(`http://keyserver.ubuntu.com:11371${query}`);
      expect(asked("hkp://keyserver.ubuntu.com:80")).toBe(`http://keyserver.ubuntu.com:80${query}`);
      expect(asked("hkps://keys.openpgp.org/")).toBe(`https://keys.openpgp.org${query}`);
    });

    test("A keyring of one's own keeps what is in it.", () => {
      const home = ownApt();
      const { armor, binary } = demoKey();
      for (const name of ["ring.gpg", "ring.asc"]) {
        const keyring = join(home, "new", name);
        const params = { data: armor, keyring };
        expect(applyHere(aptKey, params, [], sh).second).toEqual({ kind: "converged" });
        expect(readFileSync(keyring).equals(name.endsWith("gpg") ? binary : Buffer.from(armor))).toBe(true);
      }
    });

    test("Sources whose lists cannot be fetched are as they were before, so that the next run tries again.", () => {
      const home = ownApt();
      const before = "deb file:/nowhere/old ./\n";
      writeFileSync(join(home, "parts/own.list"), before);
      const repo = `deb file:${home}/missing ./`;
      for (const filename of ["own", "new"]) {
        const params = { repo, filename, update_cache_retries: 1 };
        const ran = applyHere(aptRepository, params, [], sh);
        expect(ran.error).toContain("apt-get update failed:");
        expect(ran.second).toEqual(ran.first);
        expect(planHere(aptRepository, params, [], sh).plan.kind).toBe("changes");
      }
      expect(readdirSync(join(home, "parts"))).toEqual(["own.list"]);
      expect(readFileSync(join(home, "parts/own.list"), "utf8")).toBe(before);
    });
  },
);
