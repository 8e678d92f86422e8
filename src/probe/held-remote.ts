import { quote } from "../core/shell.ts";
import type { HeldReport } from "./held.ts";
import type { ProbeSettings } from "./sample.ts";

/** Connections on another machine forget themselves after this many turns of a fifth of a second, should nobody stop them. */
const MOST_TURNS = 4500;

/** Whether another machine can hold connections of this kind: its bash cannot speak TLS. */
export const canHoldThere = ({ scheme }: Pick<ProbeSettings, "scheme">): boolean => scheme !== "https";

/** A script that opens connections on a Linux machine with bash and keeps them busy. Says the directory of its log. */
export const startHoldScript = (settings: ProbeSettings, count: number): string => `
command -v bash >/dev/null || { echo "there is no bash there, which holds connections open" >&2; exit 1; }
directory=$(mktemp -d) || exit 1
cd "$directory" || exit 1
cat >hold.sh <<'HOLD'
trap '' PIPE
fate() { echo "$1 $(date +%s%3N)" >>log; exit; }
exec 3<>/dev/tcp/${settings.host}/${settings.port} || exit
echo opened >>log
turn=0 leaves=
while [ $turn -lt ${MOST_TURNS} ] && ! [ -e stop ]; do
  turn=$((turn + 1))
  if read -r -t 0 <&3; then IFS= read -r -t 1 line <&3 || fate ended; fi
${settings.scheme === "tcp" ? "" : asking(settings)}
  sleep 0.2
done
HOLD
for one in $(seq ${count}); do nohup bash hold.sh >/dev/null 2>&1 </dev/null & done
echo "$directory"`;

const asking = ({ path, host, timeoutMs }: ProbeSettings): string => `
  asked=$(date +%s%3N)
  printf 'HEAD %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' ${quote(path)} ${quote(host)} >&3 || { [ -n "$leaves" ] && fate ended; echo "cut $asked" >>log; exit; }
  while :; do
    IFS= read -r -t ${Math.max(1, Math.ceil(timeoutMs / 1000))} line <&3 || { [ -n "$leaves" ] && fate ended; echo "cut $asked" >>log; exit; }
    line=\${line%$'\\r'}
    case "\${line,,}" in connection:*close*) leaves=yes ;; "") break ;; esac
  done`;

/** A script that ends them and prints their log. */
export const stopHoldScript = (directory: string): string => `
cd ${quote(directory)} || exit 1
: >stop
sleep 0.4
cat log 2>/dev/null
cd / && rm -r ${quote(directory)}`;

/** What a log tells; its times are that machine's. */
export const heldOf = (log: string): HeldReport => {
  const lines = log.split("\n");
  return {
    opened: lines.filter((line) => line === "opened").length,
    cutAt: lines.flatMap((line) => {
      const [, ms] = /^cut (\d+)$/.exec(line) ?? [];
      return ms === undefined ? [] : [Number(ms)];
    }),
    ended: lines.filter((line) => line.startsWith("ended ")).length,
  };
};
