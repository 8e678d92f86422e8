#!/bin/sh
# Builds a program from its source and puts it in place as a whole; what is there stays as it is if anything fails.
# Everything comes in by the environment:
#   NAME       haproxy or keepalived
#   RECIPE     the shell lines that check the unpacked source, build it and install it below $root
#   SOURCE     archive, or directory with an unpacked source
#   CHECKSUM   sha256:… of the archive; empty for none
#   VERSION    the version that the source has to be
#   DIRECTORY  where the program goes: DIRECTORY/sbin/NAME
#   STAMP      name of a directory in it that says what was built
#   TARGET, FEATURES, ARGUMENTS, JOBS  for the recipe
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

# Words that say what is done, and a command of which only the end matters, and only if it fails.
run() {
  what=$1
  shift
  "$@" >"$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    fail "$what failed"
  }
}

for tool in cc make tar gzip sha256sum; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is not there: leave ${NAME}_source_packages as it is, or install it"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/$NAME-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
root=$work/root
mkdir "$work/source" "$root"

if [ -d "$SOURCE" ]; then
  # With their times: files that look older than what they are made from would be made again, by tools that are missing.
  cp -Rp "$SOURCE/." "$work/source"
  cd "$work/source"
  make -s distclean >/dev/null 2>&1 || make -s clean >/dev/null 2>&1 || true
else
  if [ -n "$CHECKSUM" ]; then
    printf '%s  %s\n' "${CHECKSUM#sha256:}" "$SOURCE" | sha256sum -c - >/dev/null 2>&1 ||
      fail "$SOURCE has the SHA-256 $(sha256sum <"$SOURCE" | cut -d' ' -f1), not ${CHECKSUM#sha256:}"
  fi
  tar -xf "$SOURCE" -C "$work/source"
  # Archives hold one directory, whatever its name.
  set -- "$work"/source/*/
  [ $# -eq 1 ] && [ -d "$1" ] || fail "$SOURCE does not hold one directory"
  cd "$1"
fi

[ "$JOBS" != 0 ] || JOBS=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
eval "$RECIPE"

# Only what is below the prefix: what belongs below /etc comes from the role. The program last, by a rename: a running
# one is never written to, and an old stamp never names a new program.
built=$root$DIRECTORY
mkdir -p "$DIRECTORY/sbin"
rm -rf "$DIRECTORY"/.built-*
mv "$built/sbin/$NAME" "$work/$NAME"
cp -R "$built/." "$DIRECTORY"
cp "$work/$NAME" "$DIRECTORY/sbin/.$NAME.new"
chmod 0755 "$DIRECTORY/sbin/.$NAME.new"
mv -f "$DIRECTORY/sbin/.$NAME.new" "$DIRECTORY/sbin/$NAME"
mkdir "$DIRECTORY/$STAMP"
