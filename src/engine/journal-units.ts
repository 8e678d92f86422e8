/**
 * The part of a journal's script that makes units run and start at boot as they did. A unit that was restarted since is
 * restarted with the files that are back, one that was reloaded is reloaded, one that did not run is stopped. HAProxy
 * and keepalived, whose states are kept from the beginning, come last, and are told of their files in any case.
 */
export const UNIT_FUNCTIONS = `
restore_units() {
  if [ -d /run/systemd/system ]; then
    case " $daemons " in *' systemd '*)
      if systemctl daemon-reload; then say restored 'unit files read again'; else say failed 'systemctl daemon-reload'; fi ;;
    esac
  fi
  for pass in others lbplay; do
    for e in "$j"/entries/*; do
      [ "$(cat "$e/kind" 2>/dev/null)" = unit ] || continue
      what=$(cat "$e/what")
      case \${what%.service}:$pass in
        haproxy:lbplay|keepalived:lbplay) restore_unit ;;
        haproxy:*|keepalived:*|*:lbplay) ;;
        *) restore_unit ;;
      esac
    done
  done
}

# Of the lines of unit_state.
property() {
  printf '%s\\n' "$2" | sed -n "s/^$1=//p"
}

verbs_have() {
  for v; do ! grep -qx -- "$v" "$e/verbs" || return 0; done
  return 1
}

restore_unit() {
  was=$(cat "$e/was")
  [ -n "$was" ] || return 0
  if ! now=$(unit_state "$what"); then say failed "unit $what: it cannot be asked for"; return; fi
  [ -e "$e/undone" ] || ! verbs_have enable disable mask unmask || restore_boot
  case $(property ActiveState "$was") in
    active|activating|reloading|refreshing) restore_running ;;
    ?*) restore_stopped ;;
  esac
}

active() {
  case $(property ActiveState "$now") in active|activating|reloading|refreshing) ;; *) return 1 ;; esac
}

# Does something with a unit, and says it.
unit_call() {
  if [ -d /run/systemd/system ]; then
    timeout 300 systemctl "$1" -- "$what" 2>"$e/error" 9>&-
  else
    timeout 300 "/etc/init.d/\${what%.service}" "$1" >"$e/error" 2>&1 9>&-
  fi
  if [ $? = 0 ]; then
    say restored "unit \${what%.service} $2"
    printf '%s\\n' "unit \${what%.service} $2" >"$e/undone"
  else
    say failed "unit \${what%.service}, which should have been $2: $(cat "$e/error")"
    return 1
  fi
}

restore_stopped() {
  ! active || unit_call stop stopped
}

restore_running() {
  if ! active; then
    [ ! -d /run/systemd/system ] || systemctl reset-failed -- "$what" 2>/dev/null
    unit_call start started
    return
  fi
  if [ -e "$e/undone" ]; then say restored "$(cat "$e/undone")"; return; fi
  pid=$(property MainPID "$was")
  told=no
  case " $daemons " in *" \${what%.service} "*) told=yes ;; esac
  anew=no
  case $pid in
    ''|0) ! verbs_have restart start stop || anew=yes ;;
    *) [ "$pid" = "$(property MainPID "$now")" ] || anew=yes ;;
  esac
  if [ $anew = yes ] && { [ $told = yes ] || verbs_have restart start stop; }; then
    [ ! -d /run/systemd/system ] || systemctl reset-failed -- "$what" 2>/dev/null
    unit_call restart restarted
  elif [ $told = yes ] || verbs_have reload; then
    if [ -d /run/systemd/system ]; then unit_call reload-or-restart reloaded; else unit_call reload reloaded; fi
  fi
}

# Whether the unit starts at boot. What cannot be enabled or disabled is as it was.
restore_boot() {
  before=$(property UnitFileState "$was")
  after=$(property UnitFileState "$now")
  if [ "$before" = "$after" ]; then return; fi
  if [ ! -d /run/systemd/system ] && [ -e "/etc/init.d/\${what%.service}" ]; then
    if command -v update-rc.d >/dev/null 2>&1; then
      boot_call update-rc.d "\${what%.service}" "$([ "$before" = enabled ] && echo enable || echo disable)"
    else
      boot_call chkconfig "\${what%.service}" "$([ "$before" = enabled ] && echo on || echo off)"
    fi
    return
  fi
  case $after in
    masked|masked-runtime)
      [ "$before" = masked ] || boot_call systemctl unmask -- "$what"
      after=$(systemctl is-enabled -- "$what" 2>/dev/null) ;;
  esac
  case $before:$after in
    enabled:enabled|disabled:disabled) ;;
    enabled:*) boot_call systemctl enable -- "$what" ;;
    enabled-runtime:*) boot_call systemctl enable --runtime -- "$what" ;;
    disabled:*|:enabled) boot_call systemctl disable -- "$what" ;;
    masked:*) boot_call systemctl mask -- "$what" ;;
    masked-runtime:*) boot_call systemctl mask --runtime -- "$what" ;;
  esac
}

boot_call() {
  if "$@" >"$e/error" 2>&1 9>&-; then say restored "unit \${what%.service} at boot"
  else say failed "unit \${what%.service} at boot: $(cat "$e/error")"; fi
}
`;
