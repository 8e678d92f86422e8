import type { Action } from "../../core/action.ts";
import { argv, quote } from "../../core/shell.ts";
import { modeText } from "../shared-probes/file-state.ts";
import type { UnarchiveParams } from "./schema.ts";

/**
 * Unpacks an archive if what is in dest differs from it, and sets owner and mode. The first line of its output is the
 * kind of archive, 1 where something changed, and figures of dest; the names in the archive follow, a line each.
 */
export const unpackAction = (params: UnarchiveParams, archive: Buffer | null): Action => ({
  kind: "script",
  script: [
    "c=0",
    `p=${quote(params.dest)}`,
    `say() { printf '%s\\n' "$1" >&2; exit 1; }`,
    `need() { command -v "$1" >/dev/null 2>&1 || say "$1 is not installed: it is in the package $2"; }`,
    "d=$(mktemp -d) || exit 1",
    `trap 'rm -rf "$d"' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
    `[ -d "$p" ] || say "dest $p is no directory"`,
    ...(archive === null
      ? [`a=${quote(params.src)}`, `[ -e "$a" ] || say "$a does not exist on the node"`]
      : ["a=$d/a", 'cat > "$a" || exit 1']),
    `[ -s "$a" ] || say "the archive is empty"`,
    ...kindLines,
    "if [ $k = ZipArchive ]; then",
    ...zipLines(params),
    "else",
    ...tarLines(params),
    "fi",
    ...attributeLines(params),
    `printf '%s %d %s\\n' $k $c "$(stat -c '%u %g %U %G %s %a' "$p/.")"`,
    ...(params.list_files ? ['cat "$d/list"'] : []),
  ].join("\n"),
  ...(archive === null ? {} : { stdin: archive }),
  touches: [{ kind: "lasting", what: `${params.src} was unpacked in ${params.dest}` }],
});

/** By the first bytes: names of files promise nothing. The names of kinds are what Ansible finds with GNU tar. */
const kindLines: readonly string[] = [
  `case $(head -c 6 < "$a" | od -An -tx1 | tr -d ' \\n') in`,
  "504b0304*|504b0506*) k=ZipArchive; need unzip unzip ;;",
  "1f8b*) k=TgzArchive; z=-z; need gzip gzip ;;",
  "425a68*) k=TarArchive; z=-j; need bzip2 bzip2 ;;",
  "fd377a585a00*) k=TarArchive; z=-J; need xz 'xz-utils or xz' ;;",
  "28b52ffd*) k=TarArchive; z=--use-compress-program=zstd; need zstd zstd ;;",
  "*) k=TarArchive; z= ;;",
  "esac",
];

const tarLines = (params: UnarchiveParams): readonly string[] => {
  const { extra_opts, exclude, include, keep_newer, owner, group } = params;
  const options = [
    ...(extra_opts.length === 0 ? [] : [argv("--show-transformed-names", ...extra_opts)]),
    ...exclude.map((pattern) => argv(`--exclude=${pattern.replace(/(?<=.)\/+$/, "")}`)),
    '-f "$a"',
    ...(include.length === 0 ? [] : [argv(...include)]),
  ].join(" ");
  const unpacking = [
    ...(owner === null ? [] : [argv(`--owner=${owner}`)]),
    ...(group === null ? [] : [argv(`--group=${group}`)]),
    ...(keep_newer ? ["--keep-newer-files"] : []),
    options,
  ].join(" ");
  return [
    `case $(tar --version 2>/dev/null) in *GNU*) ;; *) say "GNU tar is needed: it is in the package tar" ;; esac`,
    `tar --list --quoting-style=literal -C "$p" $z ${options} > "$d/list" 2> "$d/e" || say "the archive cannot be read: $(head -n 3 "$d/e")"`,
    `[ -s "$d/list" ] || say "nothing in the archive is to be unpacked"`,
    `tar --diff -C "$p" $z ${unpacking} > "$d/diff" 2>&1`,
    `if grep -v ': : Warning: Cannot stat: ' "$d/diff" | grep -Eq ${quote(differences(params))}; then c=1; fi`,
    // Owners are those of the archive only where root unpacks it.
    ...(owner === null || group === null
      ? [`if [ "$(id -u)" = 0 ] && grep -Eq ${quote(ownerDifferences(params))} "$d/diff"; then c=1; fi`]
      : []),
    `if [ $c = 1 ]; then tar --extract -C "$p" $z ${unpacking} >/dev/null || say "the archive could not be unpacked"; fi`,
  ];
};

/** What tar says of a member that is not as in the archive. */
const differences = ({ mode, keep_newer }: UnarchiveParams): string => {
  const said = [
    "Mod time differs",
    "Warning: Cannot stat: No such file or directory",
    ...(mode === null ? ["Mode differs"] : []),
    ...(keep_newer ? [] : ["Size differs", "Contents differ", "Symlink differs", "File type differs"]),
  ];
  return `: (${said.join("|")})$`;
};

const ownerDifferences = ({ owner, group }: UnarchiveParams): string =>
  `: (${[...(owner === null ? ["Uid"] : []), ...(group === null ? ["Gid"] : [])].join("|")}) differs$`;

/** unzip cannot compare: the archive is unpacked aside, and what came of it is compared. */
const zipLines = ({ extra_opts, exclude, include, keep_newer, mode }: UnarchiveParams): readonly string[] => {
  const selection = [
    ...(include.length === 0 ? [] : [argv(...include)]),
    ...(exclude.length === 0 ? [] : [argv("-x", ...exclude)]),
  ].join(" ");
  const options = argv(...(keep_newer ? ["-uo"] : ["-o"]), "-q", ...extra_opts);
  const sameMode = mode === null ? ' && [ "$(stat -c %a "$x")" = "$(stat -c %a "$p/$f")" ]' : "";
  return [
    `unzip -Z1 "$a" ${selection} > "$d/list" 2> "$d/e" || say "the archive cannot be read: $(head -n 3 "$d/e")"`,
    'mkdir "$d/x" || exit 1',
    `unzip ${options} "$a" ${selection} -d "$d/x" >/dev/null 2> "$d/e" || [ $? = 1 ] || say "the archive cannot be unpacked: $(head -n 3 "$d/e")"`,
    "while IFS= read -r f; do",
    "f=${f%/}; x=$d/x/$f",
    'if [ -h "$x" ]; then [ "$(readlink "$x")" = "$(readlink "$p/$f")" ]',
    `elif [ -d "$x" ]; then [ -d "$p/$f" ]${sameMode}`,
    `else [ -f "$p/$f" ] && { cmp -s "$x" "$p/$f"${keep_newer ? ' || [ "$p/$f" -nt "$x" ]' : ""}; }${sameMode}; fi || c=1`,
    'done < "$d/list"',
    `if [ $c = 1 ]; then unzip ${options} "$a" ${selection} -d "$p" >/dev/null 2> "$d/e" || [ $? = 1 ] || say "the archive could not be unpacked: $(head -n 3 "$d/e")"; fi`,
  ];
};

/** Owner and mode of all members, and of the directories at the top that are none. What chown and chmod say was changed. */
const attributeLines = ({ owner, group, mode }: UnarchiveParams): readonly string[] => {
  const owners = [owner ?? "", group === null ? "" : `:${group}`].join("");
  if (owners === "" && mode === null) return [];
  const apply = (command: string): string =>
    `n=$(cd "$p" && xargs -0 ${command} < "$d/names") || say "owner or mode could not be set"; [ -z "$n" ] || c=1`;
  return [
    `{ sed 's,^/*,,' "$d/list"; sed -n 's,^/*\\([^/]*\\)/.*,\\1,p' "$d/list" | sort -u; } | grep -v '^$' | tr '\\n' '\\0' > "$d/names"`,
    ...(owners === "" ? [] : [apply(argv("chown", "-hc", owners, "--"))]),
    ...(mode === null
      ? []
      : [
          // A link has no mode of its own, and what it leads to may be anywhere.
          `tr '\\0' '\\n' < "$d/names" | while IFS= read -r f; do [ -h "$p/\${f%/}" ] || printf '%s\\0' "$f"; done > "$d/modes"; mv -f "$d/modes" "$d/names"`,
          `[ ! -s "$d/names" ] || { ${apply(argv("chmod", "-c", typeof mode === "number" ? modeText(mode) : mode, "--"))}; }`,
        ]),
  ];
};
