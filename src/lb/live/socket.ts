/**
 * Shell function `ask SOCKET COMMAND`: one command to a unix socket of HAProxy, with what the node has for it. socat is
 * what lbplay's roles install; perl is on every Debian, python on every system that dnf or yum installed. Ends with 127
 * where there is nothing, and does not wait longer than some seconds for a HAProxy that hangs.
 */
export const ASK = `
ask() {
  if command -v socat >/dev/null; then printf '%s\\n' "$2" | socat -t 3 - "UNIX-CONNECT:$1"; return; fi
  if command -v perl >/dev/null && perl -MSocket -e 1 2>/dev/null; then
    perl -MSocket -e 'alarm 5; socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, sockaddr_un($ARGV[0])) or die "$ARGV[0]: $!\\n"; syswrite S, "$ARGV[1]\\n"; while (sysread S, $b, 65536) { print $b }' "$1" "$2"; return; fi
  for python in python3 python /usr/libexec/platform-python; do
    command -v "$python" >/dev/null || continue
    "$python" -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); s.sendall((sys.argv[2] + "\\n").encode())
while True:
    b = s.recv(65536)
    if not b: break
    os.write(1, b)' "$1" "$2"; return
  done
  if command -v nc >/dev/null && nc -h 2>&1 | grep -q -- -U; then printf '%s\\n' "$2" | nc -w 5 -U "$1"; return; fi
  echo "nothing here can speak to a unix socket: install socat" >&2; return 127
}`;
