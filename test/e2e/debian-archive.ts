import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostSources, KEYRING } from "../../src/lab/apt-sources.ts";
import { must, run } from "../../src/lab/command.ts";
import { STATE_ROOT } from "./lab-fixture.ts";

/** Files of Debian's packages and sources, unpacked in a directory of this run. */
export interface DebianFiles {
  /** Unpacks packages of a suite over each other; gives the directory. */
  readonly packages: (suite: Suite, names: readonly string[]) => Promise<string>;
  /** Unpacks a package's sources as their authors published them, of every suite that the mirror has them of. */
  readonly sources: (name: string) => Promise<string>;
  /** All files below a directory, in order. */
  readonly list: (directory: string) => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

/** The suites that files come from: the labs' own, and the one after it. */
const SUITES = ["bookworm", "trixie"] as const;

type Suite = (typeof SUITES)[number];

/** Gets files of Debian's archive without installing anything. What the archive says is kept beside the labs' images. */
export const debianFiles = async (): Promise<DebianFiles> => {
  const home = await mkdtemp(join(tmpdir(), "lbplay-debian-"));
  const apt = await privateApt();
  const fresh = () => mkdtemp(join(home, "files-"));
  return {
    packages: async (suite, names) => {
      const [archives, root] = [await fresh(), await fresh()];
      await must([
        "sh",
        "-c",
        'cd "$1" && shift && exec "$@"',
        "sh",
        archives,
        ...["apt-get", ...apt, "download", ...names.map((name) => `${name}/${suite}`)],
      ]);
      for (const name of await readdir(archives)) await must(["dpkg-deb", "-x", join(archives, name), root]);
      return root;
    },
    sources: async (name) => {
      const root = await fresh();
      const shown = await must(["apt-cache", ...apt, "showsrc", name]);
      const versions = [...shown.matchAll(/^Version: (.+)$/gm)].map(([, version = ""]) => version);
      for (const version of new Set(versions)) {
        const uris = await must(["apt-get", ...apt, "source", "--print-uris", `${name}=${version}`]);
        const [, uri, file, digest] =
          /'([^']+)' (\S+\.orig\.tar\.\S+) \d+ SHA256:([0-9a-f]{64})/.exec(uris) ?? [];
        if (uri === undefined || file === undefined || digest === undefined) continue;
        const archive = join(home, file);
        // Mirrors keep indexes of sources that they dropped.
        const got = await run([
          ...["/usr/lib/apt/apt-helper", ...apt, "download-file"],
          ...[uri, archive, `SHA256:${digest}`],
        ]);
        if (got.code !== 0) continue;
        const directory = join(root, file);
        await mkdir(directory);
        await must(["tar", "-xf", archive, "--strip-components=1", "-C", directory]);
      }
      if ((await readdir(root)).length === 0)
        throw new Error(`no sources of ${name} can be had: ${versions}`);
      return root;
    },
    list: async (directory) => {
      const found = await readdir(directory, { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .toSorted();
    },
    remove: () => rm(home, { recursive: true }),
  };
};

/** Options by which apt knows of the suites' packages and sources, and of nothing of this host. */
const privateApt = async (): Promise<readonly string[]> => {
  const state = join(STATE_ROOT, "debian-archive");
  for (const name of ["lists/partial", "cache/archives/partial"])
    await mkdir(join(state, name), { recursive: true });
  const sources = join(state, "sources.list");
  const mirror = await hostMirror();
  const lines = SUITES.flatMap((suite) =>
    ["deb", "deb-src"].map((kind) => `${kind} [signed-by=${KEYRING}] ${mirror} ${suite} main\n`),
  );
  await writeFile(sources, lines.join(""));
  const options = {
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(state, "lists"),
    "Dir::Cache": join(state, "cache"),
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await must(["apt-get", ...words, "-q", "update"]);
  return words;
};

const hostMirror = async (): Promise<string> => {
  const directory = "/etc/apt/sources.list.d";
  const names = await readdir(directory).catch(() => []);
  const paths = ["/etc/apt/sources.list", ...names.map((name) => join(directory, name))];
  const texts = await Promise.all(
    paths.map(
      async (path): Promise<[string, string]> => [path, await readFile(path, "utf8").catch(() => "")],
    ),
  );
  return hostSources(new Map(texts))[0]?.uri ?? "http://deb.debian.org/debian";
};
