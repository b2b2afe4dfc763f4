# What the scripts here share: a JDK, the built load generator, a server of one's own. Sourced.
# shellcheck shell=bash

benchmarks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname "$benchmarks")
server_pid=
scratch=

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

# The JDK that ./headrace would take: JAVA_HOME, then /usr/lib/jvm; 25 or newer.
find_jdk() {
  local jdk major
  for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [ -x "$jdk/bin/javac" ] && [ -f "$jdk/release" ] || continue
    major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$jdk/release")
    if [ "${major:-0}" -ge 25 ]; then
      export JAVA_HOME=$jdk
      return
    fi
  done
  die "needs a JDK 25 or newer; set JAVA_HOME to it"
}

build_load() {
  local jar=$benchmarks/target/benchmarks-0.1.0-SNAPSHOT.jar
  if [ ! -f "$jar" ] || [ ! -d "$benchmarks/target/lib" ] ||
    [ -n "$(find "$benchmarks/pom.xml" "$benchmarks/src/main" -newer "$jar" -print -quit)" ]; then
    say "building the load generator"
    (cd "$root" && mvn -B -q -Pquick -DskipTests -pl benchmarks -am package </dev/null >&2) ||
      die "the load generator does not build"
  fi
}

# Above what the server can take each message in flight is a thread and a connection here: hence the heap.
load() {
  "$JAVA_HOME/bin/java" -Xmx3g -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
    -cp "$benchmarks/target/benchmarks-0.1.0-SNAPSHOT.jar:$benchmarks/target/lib/*" \
    org.headrace.benchmarks.load.LoadCommand "$@"
}

millis() { date +%s%3N; }

# A port that is free now.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
    printf '%s\n' "$((20000 + RANDOM % 20000))"
}

# Starts ./headrace on a data folder, with further options; sets server_pid, port, url, log. Does not wait.
start_server() {
  local data=$1
  shift
  port=${port:-$(free_port)}
  url=http://127.0.0.1:$port
  log=$scratch/server.log
  "$root/headrace" run --open-registration --port "$port" --data "$data" "$@" >>"$log" 2>&1 </dev/null &
  server_pid=$!
}

# Waits until the server answers; prints nothing.
await_server() {
  local deadline=$(($(millis) + ${1:-120000}))
  until curl -sf -o /dev/null "$url/_matrix/client/versions"; do
    kill -0 "$server_pid" 2>/dev/null || die "the server ended: $(tail -n 5 "$log")"
    [ "$(millis)" -lt "$deadline" ] || die "the server did not answer in time"
    sleep 0.02
  done
}

stop_server() {
  [ -n "$server_pid" ] || return 0
  kill "-${1:-TERM}" "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}

make_scratch() {
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/headrace-bench.XXXXXX")
  trap 'stop_server KILL; rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
}

# The middle one of the numbers given.
median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

vm_kib() { awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"; }

# One line about where a result comes from.
machine() {
  printf '%s, %s cores, %s' "$(uname -m)" "$(nproc)" "$(git -C "$root" describe --always --dirty)"
}
