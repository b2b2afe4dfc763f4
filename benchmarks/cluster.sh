# Brokers, Cassandra and processes with roles, for scripts that have sourced lib.sh. Sourced.
# shellcheck shell=bash

app=$root/standalone/target/quarkus-app
broker_port=
cassandra_port=

child_pid() { cat "$scratch/$1.pid" 2>/dev/null || true; }

# Starts NAME as the command that follows.
start_child() {
  local name=$1
  shift
  "$@" >>"$scratch/$name.log" 2>&1 </dev/null 7>&- &
  echo $! >"$scratch/$name.pid"
}

# Ends NAME with a signal, and waits until it is gone.
stop_child() {
  local pid
  pid=$(child_pid "$1")
  [ -n "$pid" ] || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  rm -f "$scratch/$1.pid"
}

stop_children() {
  local file
  for file in "$scratch"/*.pid; do
    [ ! -f "$file" ] || stop_child "$(basename "$file" .pid)" KILL
  done
}

await_port() {
  local deadline=$(($(millis) + 180000))
  until (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do
    kill -0 "$(child_pid "$1")" 2>/dev/null || die "$1 has ended: $(tail -n 5 "$scratch/$1.log")"
    [ "$(millis)" -lt "$deadline" ] || die "$1 does not listen"
    sleep 0.2
  done
}

# One broker; sets broker_port.
start_broker() {
  local java="-Xmx384m -Xss512k -XX:+UseSerialGC -XX:-UsePerfData" controller_port
  [ ! -f "$scratch/broker.properties" ] || {
    # shellcheck disable=SC2086
    start_child broker "$JAVA_HOME/bin/java" $java -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
      -cp "$app/lib/main/*:$app/lib/boot/*" kafka.Kafka "$scratch/broker.properties"
    await_port broker "$broker_port"
    return
  }
  broker_port=$(free_port)
  controller_port=$(free_port)
  cat >"$scratch/broker.properties" <<CONFIG
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=CLIENTS://127.0.0.1:$broker_port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=CLIENTS://127.0.0.1:$broker_port
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$scratch/broker
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
offsets.retention.minutes=2147483647
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=1000
log.cleaner.dedupe.buffer.size=4194304
log.segment.bytes=67108864
CONFIG
  # shellcheck disable=SC2086
  "$JAVA_HOME/bin/java" $java -cp "$app/lib/main/*:$app/lib/boot/*" kafka.tools.StorageTool \
    format -t aGVhZHJhY2VjbHVzdGVyMQ -c "$scratch/broker.properties" >>"$scratch/broker.log" 2>&1 ||
    die "the broker cannot be formatted"
  start_broker
}

# A Cassandra; sets cassandra_port and writes cassandra.properties.
start_cassandra() {
  local command
  [ -f "$root/cassandra-node/target/classes/org/headrace/cassandra/classpath" ] ||
    (cd "$root" && mvn -B -q -Pquick -DskipTests -pl cassandra-node -am package >&2) || die "no Cassandra"
  cassandra_port=${cassandra_port:-$(free_port)}
  mkdir -p "$scratch/cassandra"
  "$JAVA_HOME/bin/java" -cp "$root/cassandra-node/target/classes" org.headrace.cassandra.CassandraNode \
    --command "$scratch/cassandra" "$cassandra_port" >"$scratch/cassandra.command" || die "Cassandra needs Java 17"
  mapfile -t command <"$scratch/cassandra.command"
  echo "replication={'class': 'SimpleStrategy', 'replication_factor': 1}" >"$scratch/cassandra.properties"
  start_child cassandra env -C "$scratch/cassandra" "${command[@]}"
  await_port cassandra "$cassandra_port"
}

# Topics of 4 partitions on the one broker, and the folder of tenants.
apply_topics() {
  local begun
  begun=$(millis)
  [ -f "$scratch/tenants/tenants.json" ] ||
    "$root/headrace" tenant add localhost --tenants "$scratch/tenants" >>"$scratch/tenants.log"
  until "$root/headrace" topics apply --kafka "127.0.0.1:$broker_port" --data "$scratch/apply" --yes \
    --replication 1 --min-in-sync 1 --room-partitions 4 --account-partitions 4 >"$scratch/topics.log" 2>&1; do
    [ $(($(millis) - begun)) -lt 120000 ] || die "no topics: $(cat "$scratch/topics.log")"
    sleep 1
  done
}

# Whatever a script starts ends with it.
trap_children() { trap 'stop_server KILL; stop_children; rm -rf "$scratch"' EXIT; }

# Starts NAME with ROLES (and further options) on the broker; its ports are in http_port and management_port.
declare -A http_port management_port
start_node() {
  local name=$1 roles=$2
  shift 2
  http_port[$name]=${http_port[$name]:-$(free_port)}
  management_port[$name]=${management_port[$name]:-$(free_port)}
  start_child "$name" env "HEADRACE_JAVA_OPTS=-Xmx256m ${HEADRACE_JAVA_OPTS:-}" HEADRACE_NO_BUILD=1 \
    "$root/headrace" run --kafka "127.0.0.1:$broker_port" --tenants "$scratch/tenants" --data "$scratch/$name" \
    --node "$name" --roles "$roles" --open-registration --port "${http_port[$name]}" \
    --management-port "${management_port[$name]}" "$@"
}

# Waits until NAME can be given work.
await_ready() {
  local deadline=$(($(millis) + ${2:-600000}))
  until [ "$(curl -s -o /dev/null -m 3 -w '%{http_code}' "http://127.0.0.1:${management_port[$1]}/health/ready")" = 200 ]; do
    kill -0 "$(child_pid "$1")" 2>/dev/null || die "$1 has ended: $(tail -n 5 "$scratch/$1.log")"
    [ "$(millis)" -lt "$deadline" ] || die "$1 is not ready"
    sleep 0.05
  done
}

# Starts a watch (benchmarks/run watch --help says what it does) on a server, its words to FILE.
start_watch() {
  local file=$1
  shift
  mkfifo "$scratch/spans"
  load watch "$@" <"$scratch/spans" >"$file" &
  watching=$!
  exec 7>"$scratch/spans"
  until grep -q '^span' "$file" 2>/dev/null; do
    kill -0 "$watching" 2>/dev/null || die "the load did not begin"
    sleep 0.2
  done
}

span() { printf '%s\n' "$*" >&7; }

# Ends it, and returns when it has said what it saw: false if that is not as it should be.
end_watch() {
  local seen=0
  exec 7>&-
  wait "$watching" || seen=$?
  rm -f "$scratch/spans"
  [ $seen -eq 0 ] || say "the load saw failures"
  return $seen
}

# All of conformance/cluster, ready; sets cluster (the script) and url. A cluster that was named from outside stays.
whole_cluster() {
  find_jdk
  "$root/headrace" build >&2
  build_load
  make_scratch
  cluster=$root/conformance/cluster
  if [ -n "${HEADRACE_CLUSTER:-}" ]; then
    trap_children
  else
    export HEADRACE_CLUSTER=$scratch/cluster
    trap '"$cluster" destroy >/dev/null 2>&1; rm -rf "$scratch"' EXIT
  fi
  "$cluster" up 7>&- >&2
  url=http://127.0.0.1:${HEADRACE_CLUSTER_PORT:-29200}
}
