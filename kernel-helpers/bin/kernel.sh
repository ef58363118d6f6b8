#!/bin/sh
# Starts our kernel, from its start-up snapshot if there is one for this machine, else from its files:
#   sh kernel.sh SNAPSHOT NODE LAUNCHER CONNECTION_FILE
# Says what a snapshot belongs to, which is kept beside it as SNAPSHOT.seal:
#   sh kernel.sh --seal SNAPSHOT NODE
#
# A shell, because Node ends with an error when it cannot use a snapshot, and to start a Node that looks first takes twenty times as long:
# 72 ms of the processor's time, and this takes 4 (measured on a busy machine).
# `exec`: no process stands between Jupyter and the kernel, and signals reach it.
wanted=start
if [ "$1" = --seal ]; then
  wanted=seal
  shift
fi
snapshot=$1 node=$2 launcher=$3 connection=$4

# A snapshot belongs to one program of Node and to one kind of processor; cut off or written over, it is not as it was made.
belongs_to() {
  # GNU's stat, then that of BSD and macOS.
  stat_of -c '%n %s %Y' 2>/dev/null || stat_of -f '%N %z %m'
  if [ -r /proc/cpuinfo ]; then
    while IFS= read -r line; do
      case $line in flags* | Features*) echo "$line" && break ;; esac
    done </proc/cpuinfo
  fi
}

# Jupyter's PATH need not have it.
stat_of() {
  PATH="/usr/bin:/bin:$PATH" stat -L "$@" -- "$node" "$snapshot"
}

# Node refuses a snapshot when options for it differ from those with which it was made.
is_usable() {
  [ -z "$NODE_OPTIONS" ] && [ "$SOCKET_WORKSHOP_SNAPSHOT" != off ] && [ -r "$snapshot" ] && [ -r "$snapshot.seal" ] || return 1
  sealed=
  while IFS= read -r line; do
    sealed="$sealed$line
"
  done <"$snapshot.seal"
  [ "$sealed" = "$(belongs_to 2>/dev/null)
" ]
}

if [ $wanted = seal ]; then
  belongs_to
  exit
fi
# Left behind, this says that the kernel has not come as far as its first line: the next start of this kernel does without.
tried=$connection.snapshot
if [ -n "$connection" ] && [ ! -e "$tried" ] && is_usable && true 2>/dev/null >"$tried"; then
  exec "$node" --snapshot-blob "$snapshot" "$launcher" "$connection"
fi
rm -f -- "$tried" 2>/dev/null
exec "$node" "$launcher" ${connection:+"$connection"}
