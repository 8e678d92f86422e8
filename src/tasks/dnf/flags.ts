import type { RpmParams } from "./schema.ts";

/** The packages of a task; `*` is none of them. */
export const namesOf = ({ name }: RpmParams): readonly string[] =>
  (name ?? []).map((item) => item.trim()).filter((item) => item !== "*" && item !== "");

/** The state that is meant: `autoremove` alone asks for removal. */
export const stateOf = ({ state, autoremove }: RpmParams): "present" | "latest" | "absent" => {
  if (state === null) return autoremove ? "absent" : "present";
  return state === "installed" ? "present" : state === "removed" ? "absent" : state;
};

/** The options that decide which repositories are asked, and how. */
export const repositoryFlags = (params: RpmParams): readonly string[] => [
  ...params.disablerepo.map((repository) => `--disablerepo=${repository}`),
  ...params.enablerepo.map((repository) => `--enablerepo=${repository}`),
  ...params.exclude.map((item) => `--exclude=${item}`),
  ...(params.disable_excludes === null ? [] : [`--disableexcludes=${params.disable_excludes}`]),
  ...params.disable_plugin.map((plugin) => `--disableplugin=${plugin}`),
  ...params.enable_plugin.map((plugin) => `--enableplugin=${plugin}`),
  ...(params.cacheonly ? ["-C"] : []),
  ...(params.releasever === null ? [] : [`--releasever=${params.releasever}`]),
  ...(params.conf_file === null ? [] : ["-c", params.conf_file]),
  ...(params.validate_certs ? [] : ["--setopt=sslverify=0"]),
];

/** The options of a command that installs or upgrades. */
export const optionFlags = (params: RpmParams): readonly string[] => [
  ...repositoryFlags(params),
  ...(params.disable_gpg_check ? ["--nogpgcheck"] : []),
  ...(params.skip_broken ? ["--skip-broken"] : []),
  ...(params.allowerasing ? ["--allowerasing"] : []),
  ...(params.nobest ? ["--nobest"] : []),
  ...(params.install_weak_deps ? [] : ["--setopt=install_weak_deps=0"]),
];

/** The options of a command that upgrades. */
export const upgradeFlags = (params: RpmParams): readonly string[] => [
  ...optionFlags(params),
  ...(params.security ? ["--security"] : []),
  ...(params.bugfix ? ["--bugfix"] : []),
];
