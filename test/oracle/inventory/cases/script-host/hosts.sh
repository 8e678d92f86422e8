#!/bin/sh
case "$1 $2" in
  "--list ") echo '{"lb": ["lb1", "lb2"]}' ;;
  "--host lb1") echo '{"priority": 100}' ;;
  *) echo '{}' ;;
esac
