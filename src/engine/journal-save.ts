/**
 * The part of a journal's script that keeps what is about to be changed: an entry is built beside the others, complete
 * and synced before its name says that it counts, so that a kill at any point leaves a journal that is right. Entries
 * are numbered as they came, since going back goes the other way.
 */
export const SAVE_FUNCTIONS = `
refuse() {
  for n in $news; do rm -rf "$j/$n"; done
  printf '%s\\n' "nothing was changed: $1" >&2
  exit 74
}

full() {
  refuse "what is there now could not be kept in $j, so it could not have been put back ($(df -Pk "$j" | awk 'NR == 2 { print $4 }') KiB are free there): $1"
}

begin_entry() {
  new=$(mktemp -d "$j/.new.XXXXXX") || full "no directory could be made"
  news="$news \${new##*/}"
  printf '%s\\n' "$1" >"$new/kind" && printf '%s' "$2" >"$new/what" && printf '%s\\n' "$key" >"$new/key" || full "$2"
}

# Sets entry to the one that is kept under the key of these words; fails where there is none.
find_entry() {
  key=$(printf '%s\\n' "$@" | sha256sum) || exit 74
  key=\${key%% *}
  for entry in "$j/entries"/*-"$key"; do [ ! -d "$entry" ] || return 0; done
  return 1
}

# What is built counts from here on, in order. Another shell of the same run may have taken a number meanwhile.
count_in() {
  [ -n "$news" ] || return 0
  sync -f "$j" 2>/dev/null || sync
  for n in $news; do
    number=100000
    for entry in "$j/entries"/*; do [ ! -d "$entry" ] || { number=\${entry##*/}; number=\${number%%-*}; }; done
    read -r key <"$j/$n/key"
    until number=$((number + 1)); mv -T "$j/$n" "$j/entries/$number-$key" 2>/dev/null; do
      [ -d "$j/entries/$number-$key" ] || full "entry $number"
    done
  done
  news=
  sync -f "$j" 2>/dev/null || sync
}

# Sets place: the path without links on the way, so that it stays what it is while links change.
placed() {
  place=$1
  while [ "\${place%/}" != "$place" ] && [ "$place" != / ]; do place=\${place%/}; done
  case $place in
    /) return ;;
    */.|*/..|.|..) place=$(readlink -m -- "$place"); return ;;
    */*) above=$(readlink -m -- "\${place%/*}/") ;;
    *) above=$(pwd -P) ;;
  esac
  place=\${above%/}/\${place##*/}
}

save_path() {
  placed "$2"
  set -- "$1" "$place"
  # Directories that are missing on the way will be made: they are kept as missing, outer ones first.
  if [ ! -e "$2" ] && [ ! -h "$2" ]; then
    up=\${2%/*}
    if [ -n "$up" ] && [ ! -e "$up" ] && [ ! -h "$up" ]; then save_path path "$up"; fi
  fi
  save_state "$1" "$2"
  # What goes through a link changes what it leads to.
  if [ "$1" = path ] && [ -h "$2" ]; then
    real=$(readlink -m -- "$2")
    if [ "$real" != "$2" ] && [ ! -h "$real" ]; then save_path path "$real"; fi
  fi
}

save_state() {
  if find_entry "$1" "$2"; then return; fi
  begin_entry "$1" "$2"
  if [ -h "$2" ] || [ -f "$2" ]; then
    [ -h "$2" ] || small "$2" "$(( ($(stat -c %s -- "$2") + 1023) / 1024 ))"
    cp -a -- "$2" "$new/was" 2>"$new/error" || full "$(cat "$new/error")"
  elif [ -d "$2" ] && [ "$1" = tree ]; then
    size=$(du -sk --apparent-size -- "$2") || full "$2"
    small "$2" "\${size%%[!0-9]*}"
    cp -a -- "$2" "$new/was" 2>"$new/error" || full "$(cat "$new/error")"
  elif [ -d "$2" ]; then
    mkdir "$new/was" && like "$2" "$new/was" || full "$2"
  elif [ -e "$2" ]; then
    : >"$new/special"
  fi
  rm -f "$new/error"
}

small() {
  [ "$2" -le "$most" ] || refuse "$1 takes $(($2 / 1024)) MiB, and more than $((most / 1024)) MiB are not kept for going back"
}

# Gives a path the owner, mode and security context of another one.
like() {
  [ "$(stat -c '%u:%g' -- "$1")" = "$(stat -c '%u:%g' -- "$2")" ] || chown -h --reference="$1" -- "$2" || return
  if [ ! -h "$1" ]; then
    [ "$(stat -c %a -- "$1")" = "$(stat -c %a -- "$2")" ] || chmod -- "0$(stat -c %04a -- "$1")" "$2" || return
  fi
  ! command -v selinuxenabled >/dev/null 2>&1 || ! selinuxenabled || chcon -h --reference="$1" -- "$2"
}

save_unit() {
  unit=$1
  if [ -d /run/systemd/system ]; then
    unit=$(systemctl show -p Id -- "$1") || refuse "systemd does not say how $1 is"
    unit=\${unit#Id=}
  fi
  if find_entry unit "$unit"; then
    printf '%s\\n' "$2" >>"$entry/verbs" && { sync "$entry/verbs" 2>/dev/null || sync; } || full "$unit"
    return
  fi
  begin_entry unit "$unit"
  unit_state "$unit" >"$new/was" && printf '%s\\n' "$2" >"$new/verbs" || full "$unit"
}

# How a unit, or an init script where systemd does not run, is now.
unit_state() {
  if [ -d /run/systemd/system ]; then
    systemctl show -p LoadState -p ActiveState -p UnitFileState -p MainPID -- "$1"
  elif [ -e "/etc/init.d/\${1%.service}" ]; then
    if "/etc/init.d/\${1%.service}" status >/dev/null 2>&1 8>&-; then echo ActiveState=active; else echo ActiveState=inactive; fi
    for l in /etc/rc[2345].d/S[0-9][0-9]"\${1%.service}" /etc/rc.d/rc[2345].d/S[0-9][0-9]"\${1%.service}"; do
      if [ -e "$l" ]; then echo UnitFileState=enabled; return; fi
    done
    echo UnitFileState=disabled
  elif command -v systemctl >/dev/null 2>&1; then
    echo "UnitFileState=$(systemctl is-enabled -- "$1" 2>/dev/null)"
  fi
}

save_sysctl() {
  [ -e "/proc/sys/$1" ] || return 0
  if find_entry sysctl "$1"; then return; fi
  begin_entry sysctl "$1"
  printf '%s' "$2" >"$new/name" && cat "/proc/sys/$1" >"$new/was" 2>/dev/null || full "$2"
}

save_words() {
  if find_entry "$1" "$2" "$3"; then return; fi
  begin_entry "$1" "$2"
  printf '%s\\n' "$3" >"$new/command" || full "$2"
}

# Words come in threes: a kind, what it is about, and what else there is to say.
save() {
  [ ! -e "$j/fired" ] || refuse "the node went back to what it was by itself, because it had heard nothing from lbplay for too long"
  news=
  while [ $# -ge 3 ]; do
    case $1 in
      path|tree) save_path "$1" "$2" ;;
      unit) save_unit "$2" "$3" ;;
      sysctl) save_sysctl "$2" "$3" ;;
      *) save_words "$1" "$2" "$3" ;;
    esac
    shift 3
  done
  count_in
}
`;
