import { type Frame, named, textOf } from "./frames.ts";

/** A process of a node. */
export interface LiveProcess {
  readonly pid: number;
  readonly parent: number;
  /** In seconds. */
  readonly age: number;
  /** When it started, in milliseconds since the epoch. */
  readonly started: number;
}

/**
 * Shell functions about processes: `main_of UNIT` is the pid of a unit's main process (without systemd that of its pid
 * file), `processes NAME` puts what /proc says of all processes of that name and of the clock.
 */
export const PROCESSES = `
main_of() {
  pid=$(systemctl show -p MainPID "$1" 2>/dev/null | cut -d= -f2)
  [ "\${pid:-0}" != 0 ] || pid=$(cat "/run/$1.pid" 2>/dev/null | head -n 1)
  case "$pid" in *[!0-9]*|"") ;; *) [ -d "/proc/$pid" ] && echo "$pid" ;; esac
}
processes() {
  put clock 0 "$(date +%s.%N | sed 's/\\.%*N$//') $(cut -d' ' -f1 /proc/uptime) $(getconf CLK_TCK 2>/dev/null || echo 100)"
  for dir in /proc/[0-9]*; do
    name=
    read -r name 2>/dev/null <"$dir/comm" || continue
    case "$name" in $1) put "process:\${dir##*/}" 0 "$(cat "$dir/stat" 2>/dev/null)" ;; esac
  done
}`;

/** The processes that `processes` put. */
export const processesOf = (all: readonly Frame[]): readonly LiveProcess[] => {
  const [now = 0, uptime = 0, ticks = 100] = (textOf(all, "clock") ?? "").split(" ").map(Number);
  return named(all, "process").flatMap(({ name, text }) => {
    // The command's name, in brackets, may hold anything; after it come state, parent and 17 numbers before the start.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const start = Number(fields[19]) / ticks;
    if (!Number.isFinite(start)) return [];
    const age = Math.max(0, uptime - start);
    return [{ pid: Number(name), parent: Number(fields[1]), age, started: (now - age) * 1000 }];
  });
};

/** A process and all that descend from it. */
export const familyOf = (main: number, all: readonly LiveProcess[]): readonly LiveProcess[] => {
  const children = all.filter(({ parent }) => parent === main);
  return [...all.filter(({ pid }) => pid === main), ...children.flatMap(({ pid }) => familyOf(pid, all))];
};
