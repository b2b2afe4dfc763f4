# Bytes at rest by place, for scripts that have sourced lib.sh. Sourced.
# shellcheck shell=bash

# "PLACE KILOBYTES", a line each: the topics in a folder, Cassandra's tables in another (may be empty), and the
# stores and views in the folders of processes that follow.
places() {
  local topics=$1 cassandra=$2 table
  shift 2
  {
    du -sk "$topics"/*-[0-9]* | awk '{ sub(".*/", "", $2); sub("-[0-9]+$", "", $2); print "topic:" $2, $1 }'
    if [ -n "$cassandra" ]; then
      for table in "$cassandra"/data/headrace/*; do
        find "$table" -maxdepth 1 -type f -printf '%k\n' |
          awk -v t="$(basename "$table" | sed 's/-[0-9a-f]*$//')" '{ k += $1 } END { print "Cassandra:" t, k + 0 }'
      done
    else
      find "$@" -maxdepth 1 -name views -exec du -sk {} + | awk '{ print "views:RocksDB", $1 }'
    fi
    find "$@" -type d -path '*/streams/*/rocksdb/*' -prune -exec du -sk {} + |
      awk '{ n = split($2, part, "/"); print "store:" part[n], $1 }'
  } | awk '{ k[$1] += $2 } END { for (p in k) print p, k[p] }' | sort
}

# What EVENTS events take, and the last MORE of them, from two files of places.
bytes_per_event() {
  awk -v events="$3" -v more="$4" '
    FILENAME == ARGV[1] { before[$1] = $2; next }
    { all = $2 * 1024 / events
      if ($2 * 1024 / events >= 1) printf "  %-55s %8.0f %8.0f\n", $1, all, ($2 - before[$1]) * 1024 / more
      sub(":.*", "", $1); sum[$1] += all; total += all }
    END { for (s in sum) printf "  all of %-48s %8.0f\n", s, sum[s]
          printf "  %-55s %8.0f\n", "all", total
          printf "{\"mode\":\"storage\",\"events\":%d,\"bytesPerEvent\":%.0f}\n", events, total }' \
    "$1" "$2"
}
