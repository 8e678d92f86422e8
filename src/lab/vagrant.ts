import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LbplayError } from "../core/error.ts";
import { type CommandResult, run, runAttached } from "./command.ts";

/** Where the user stands, and the environment that Vagrant looks at. */
export interface VagrantPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A Vagrantfile, and the directory in which Vagrant keeps what belongs to its machines. */
export interface VagrantProject {
  readonly vagrantfile: string;
  readonly dataDirectory: string;
}

/** A Vagrantfile, seen from where the user stands. */
export interface VagrantSite {
  readonly place: VagrantPlace;
  readonly project: VagrantProject;
}

/** A machine as `vagrant status` knows it; the state is the provider's word. */
export interface VagrantMachine {
  readonly name: string;
  /** `virtualbox`, `libvirt`, `lxc` or another one's. */
  readonly provider: string;
  readonly state: string;
}

/** How Vagrant logs in to a machine. */
export interface VagrantLogin {
  readonly name: string;
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly keys: readonly string[];
}

/** The Vagrantfile of a directory or the nearest one above, as Vagrant itself looks for it; E_VAGRANT_FILE without one. */
export const vagrantProject = async ({ cwd, env }: VagrantPlace): Promise<VagrantProject> => {
  const start = resolve(cwd, env.VAGRANT_CWD ?? ".");
  const names =
    env.VAGRANT_VAGRANTFILE === undefined ? ["Vagrantfile", "vagrantfile"] : [env.VAGRANT_VAGRANTFILE];
  for (let directory = start; ; directory = dirname(directory)) {
    for (const name of names) {
      const vagrantfile = join(directory, name);
      if (await exists(vagrantfile)) {
        return { vagrantfile, dataDirectory: resolve(directory, env.VAGRANT_DOTFILE_PATH ?? ".vagrant") };
      }
    }
    if (directory === dirname(directory)) break;
  }
  throw new LbplayError({
    code: "E_VAGRANT_FILE",
    message: `there is no Vagrantfile in ${start} or above it`,
    hint: "go to a clone of lbplay, which has one, or to a directory with your own",
  });
};

/** A machine's number or name with its provider, as Vagrant has written it down; null while there is no such machine. */
export const machineId = async (
  { dataDirectory }: VagrantProject,
  name: string,
): Promise<{ readonly provider: string; readonly id: string } | null> => {
  const directory = join(dataDirectory, "machines", name);
  for (const provider of await readdir(directory).catch(() => [])) {
    const id = await readFile(join(directory, provider, "id"), "utf8").catch(() => "");
    if (id !== "") return { provider, id: id.trim() };
  }
  return null;
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** All machines of a Vagrantfile, in its order. */
export const vagrantMachines = async (place: VagrantPlace): Promise<readonly VagrantMachine[]> => {
  const { code, stdout, stderr } = await vagrant(place, ["status", "--machine-readable"]);
  const { machines, failure } = parseStatus(stdout);
  if (code !== 0) throw statusFault(failure ?? { kind: "", text: stderr });
  return machines;
};

/** The machines that run; E_VAGRANT_DOWN where none does. */
export const runningMachines = (
  { vagrantfile }: VagrantProject,
  machines: readonly VagrantMachine[],
): readonly string[] => {
  const running = machines.filter(({ state }) => state === "running").map(({ name }) => name);
  if (running.length > 0) return running;
  const states = machines.map(({ name, state }) => `${name} ${state.replaceAll("_", " ")}`).join(", ");
  throw new LbplayError({
    code: "E_VAGRANT_DOWN",
    message: `no machine of ${vagrantfile} is running: ${states}`,
    hint: "lbplay lab up --provider vagrant",
  });
};

/** What `vagrant ssh-config` says of machines, as text for `ssh -F`. */
export const vagrantSshConfig = async (place: VagrantPlace, names: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await vagrant(place, ["ssh-config", ...names]);
  if (code === 0) return stdout;
  throw new LbplayError({
    code: "E_VAGRANT",
    message: `vagrant ssh-config failed: ${oneLine(stderr)}`,
    hint: "vagrant status",
  });
};

/** Runs Vagrant with all it says on our standard error, as it may take minutes and ask; E_VAGRANT where it fails. */
export const showVagrant = async ({ cwd }: VagrantPlace, words: readonly string[]): Promise<void> => {
  const code = await runAttached([
    "sh",
    "-c",
    'cd "$1" && shift && exec "$@" >&2',
    "sh",
    cwd,
    "vagrant",
    ...words,
  ]);
  if (code === 0) return;
  if (code === MISSING) throw missing();
  throw new LbplayError({
    code: "E_VAGRANT",
    message: `vagrant ${words.join(" ")} exited ${code}, and says why above`,
    hint: "lbplay lab status --provider vagrant shows what is there now",
  });
};

const vagrant = async ({ cwd }: VagrantPlace, words: readonly string[]): Promise<CommandResult> => {
  const result = await run(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, "vagrant", ...words]);
  if (result.code === MISSING) throw missing();
  return result;
};

/** What a shell answers for a command that it does not find. */
const MISSING = 127;

const missing = (): LbplayError =>
  new LbplayError({
    code: "E_VAGRANT_MISSING",
    message: "Vagrant is not installed",
    hint: "apt-get install -y vagrant, or https://developer.hashicorp.com/vagrant/install",
  });

/** Why Vagrant gave up: the name of its error class, and its words. */
interface VagrantFailure {
  readonly kind: string;
  readonly text: string;
}

/** The lines of `vagrant status --machine-readable`: time, machine, type, data. */
export const parseStatus = (
  text: string,
): { readonly machines: readonly VagrantMachine[]; readonly failure: VagrantFailure | null } => {
  const rows = text.split("\n").map((line) => line.split(",").map(decode));
  const [failure] = rows.flatMap(([, , type, kind = "", words = ""]) =>
    type === "error-exit" ? [{ kind, text: words }] : [],
  );
  const providers = new Map(
    rows.flatMap(([, name = "", type, provider = ""]) =>
      type === "provider-name" ? [[name, provider] as const] : [],
    ),
  );
  return {
    machines: rows.flatMap(([, name = "", type, state = ""]) =>
      type === "state" ? [{ name, provider: providers.get(name) ?? "", state }] : [],
    ),
    failure: failure ?? null,
  };
};

const decode = (field: string): string =>
  field.replaceAll("%!(VAGRANT_COMMA)", ",").replaceAll("\\n", "\n").replaceAll("\\r", "");

const PROVIDER_FAULTS = ["NoDefaultProvider", "ProviderNotUsable", "ProviderNotFound", "LxcNotInstalled"];

const statusFault = ({ kind, text }: VagrantFailure): LbplayError =>
  PROVIDER_FAULTS.some((name) => kind.endsWith(`::${name}`))
    ? new LbplayError({
        code: "E_VAGRANT_PROVIDER",
        message: `Vagrant cannot run machines here: ${oneLine(text)}`,
        hint: "install VirtualBox, or apt-get install -y vagrant-libvirt libvirt-daemon-system qemu-system-x86; VAGRANT_DEFAULT_PROVIDER chooses among several",
      })
    : new LbplayError({
        code: "E_VAGRANT",
        message: `vagrant status failed: ${oneLine(text)}`,
        hint: "vagrant validate",
      });

/** The paragraph that says what is wrong, as one line. */
const oneLine = (text: string): string => {
  const [, reason = text] = /shown below:\s*\n([\s\S]*)/.exec(text) ?? [];
  const [paragraph = ""] = reason.trim().split(/\n\s*\n/);
  return paragraph.replaceAll(/\s+/g, " ").trim();
};

/** The machines of a `vagrant ssh-config`. */
export const parseSshConfig = (text: string): readonly VagrantLogin[] =>
  text
    .split(/^(?=Host )/m)
    .filter((block) => block.startsWith("Host "))
    .map((block) => {
      const all = (key: string): readonly string[] =>
        [...block.matchAll(new RegExp(`^\\s*${key}\\s+"?([^"\\n]*?)"?\\s*$`, "gm"))].map(
          ([, value = ""]) => value,
        );
      const one = (key: string): string => all(key)[0] ?? "";
      return {
        name: one("Host"),
        user: one("User"),
        host: one("HostName"),
        port: one("Port"),
        keys: all("IdentityFile"),
      };
    });
