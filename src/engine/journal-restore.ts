/**
 * The part of a journal's script that goes back: entry by entry from the last to the first, each marked when it is done,
 * so that going back can be killed and started again. Daemons come last, when all their files are as they were.
 */
export const RESTORE_FUNCTIONS = `
say() {
  printf '%s %s\\n' "$1" "$(printf '%s' "$2" | tr '\\n' ' ')"
}

restore() {
  exec 8>"$j/lock"
  ! command -v flock >/dev/null 2>&1 || flock 8
  # No daemon that is started here may keep the lock.
  ( restore_entries; restore_units; forget_handlers; echo done ) 8>&- 9>&- </dev/null
}

entries_back() {
  ls -r "$j/entries" 2>/dev/null
}

restore_entries() {
  daemons=
  for e in $(entries_back); do
    e=$j/entries/$e
    kind=$(cat "$e/kind") what=$(cat "$e/what")
    case $kind in
      lasting) say lasting "$what"; continue ;;
      unit) continue ;;
      path|tree) owner_of "$what" ;;
    esac
    if [ ! -e "$e/undone" ]; then
      rm -f "$e/changed"
      if restore_entry 2>"$e/error"; then
        if [ -e "$e/changed" ]; then echo restored; else echo same; fi >"$e/undone.new" && mv -f "$e/undone.new" "$e/undone"
      else
        say failed "$what: $(cat "$e/error")"
      fi
    fi
    [ "$(cat "$e/undone" 2>/dev/null)" != restored ] || case $kind in
      sysctl) say restored "$(cat "$e/name")" ;;
      *) say restored "$what" ;;
    esac
  done
  for n in "$j"/entries/*/left; do [ ! -e "$n" ] || say lasting "$(cat "$n")"; done
}

restore_entry() {
  # A write that was killed may have left its half of a file.
  case $kind in path|tree) rm -f -- "\${what%/*}"/.lbplay.???????? ;; esac
  case $kind in
    path) put "$e/was" "$what" ;;
    tree) put_tree "$e/was" "$what" ;;
    sysctl)
      [ "$(cat "/proc/sys/$what")" = "$(cat "$e/was")" ] || { : >"$e/changed"; cat "$e/was" >"/proc/sys/$what"; } ;;
    inverse)
      : >"$e/changed"
      sh "$e/command" >&2 9>&- ;;
  esac
}

# Which daemons have to be told that a path is as it was.
owner_of() {
  case $1 in
    /etc/haproxy|/etc/haproxy/*) daemons="$daemons haproxy" ;;
    /etc/keepalived|/etc/keepalived/*) daemons="$daemons keepalived" ;;
    /etc/systemd/*|/run/systemd/*|/lib/systemd/*|/usr/lib/systemd/*|/etc/init.d/*|/etc/rc.d/*) daemons="$daemons systemd" ;;
  esac
}

# Makes a path what was kept of it; of a directory only itself.
put() {
  up=\${2%/*}
  if [ -e "$e/special" ] && [ "$1" = "$e/was" ]; then return; fi
  # What was above it then is a link now: an earlier attempt has been here, and this is another place.
  [ "$(readlink -m -- "\${up:-/}")" = "\${up:-/}" ] || return 0
  if [ ! -e "$1" ] && [ ! -h "$1" ]; then
    if [ -h "$2" ] || { [ -e "$2" ] && [ ! -d "$2" ]; }; then
      : >"$e/changed"; rm -f -- "$2"
    elif [ -d "$2" ]; then
      : >"$e/changed"
      rmdir -- "$2" 2>/dev/null || { rm -f "$e/changed"; printf '%s' "the directory $2, which is not empty" >"$e/left"; }
    fi
    return
  fi
  [ -d "\${up:-/}" ] || ( umask 022; mkdir -p -- "$up" ) || return
  if [ -d "$1" ] && [ ! -h "$1" ]; then
    if [ ! -d "$2" ] || [ -h "$2" ]; then : >"$e/changed"; rm -f -- "$2" && mkdir -- "$2" || return; fi
  elif ! same_content "$1" "$2"; then
    : >"$e/changed"; replace "$1" "$2"; return
  fi
  alike "$1" "$2" || { : >"$e/changed"; like "$1" "$2"; }
}

same_content() {
  if [ -h "$1" ]; then [ -h "$2" ] && [ "$(readlink -- "$1")" = "$(readlink -- "$2")" ]
  elif [ -f "$1" ]; then [ -f "$2" ] && [ ! -h "$2" ] && [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]
  else [ -e "$2" ]; fi
}

alike() {
  if [ -h "$1" ]; then [ "$(stat -c '%u:%g' -- "$1")" = "$(stat -c '%u:%g' -- "$2")" ]
  else [ "$(stat -c '%u:%g:%a' -- "$1")" = "$(stat -c '%u:%g:%a' -- "$2")" ]; fi
}

# Puts a copy in the place of whatever is there: complete beside it, synced, renamed.
replace() {
  beside=\${2%/*}/.lbplay-back.\${e##*-}
  rm -rf -- "$beside" "$beside.old"
  cp -a -- "$1" "$beside" || { rm -rf -- "$beside"; return 1; }
  sync "$beside" 2>/dev/null || sync
  if [ -d "$2" ] && [ ! -h "$2" ]; then mv -T -- "$2" "$beside.old" || return; fi
  mv -fT -- "$beside" "$2" && rm -rf -- "$beside.old"
}

# A directory that is still there is mended in place: sockets in it and processes that stand in it stay.
put_tree() {
  if [ ! -d "$1" ] || [ -h "$1" ]; then put "$1" "$2"; return; fi
  if [ ! -d "$2" ] || [ -h "$2" ]; then
    up=\${2%/*}
    [ "$(readlink -m -- "\${up:-/}")" = "\${up:-/}" ] || return 0
    [ -d "\${up:-/}" ] || ( umask 022; mkdir -p -- "$up" ) || return
    : >"$e/changed"; replace "$1" "$2"; return
  fi
  ( cd "$2" && find . -mindepth 1 -depth -exec sh "$j/journal.sh" strays "$e" "$1" "$2" {} + ) &&
    ( cd "$1" && find . -exec sh "$j/journal.sh" members "$e" "$1" "$2" {} + )
}

# Removes what was not in a kept tree.
strays() {
  e=$1 was=$2 tree=$3
  shift 3
  for m; do
    m=\${m#./}
    if [ ! -e "$was/$m" ] && [ ! -h "$was/$m" ]; then : >"$e/changed"; rm -rf -- "$tree/$m" || return; fi
  done
}

members() {
  e=$1 was=$2 tree=$3
  shift 3
  for m; do
    m=\${m#.}
    put "$was$m" "$tree$m" || return
  done
}

# Handlers that the run owed were for a state that is no more.
forget_handlers() {
  [ -d "$owed" ] || return 0
  for n in "$owed"/*; do
    [ -f "$n" ] || continue
    grep -qxF -- "\${n##*/}" "$j/owed" || { rm -f -- "$n"; say unowed "\${n##*/}"; }
  done
}
`;
