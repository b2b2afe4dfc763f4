package org.headrace.standalone.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many connections may be open: the log and the stores must never meet the process's limit of
 * open files, or the broker gives its folder up and the process ends.
 */
final class OpenFiles {
  /** What the log's segments, the stores and the libraries may open. */
  static final int RESERVED = 2_048;

  static final int CONNECTIONS_MIN = 256;
  static final int CONNECTIONS_MAX = 50_000;
  private static final int UNKNOWN_LIMIT = 4_096;

  private OpenFiles() {}

  static int connectionsMax() {
    return connectionsMax(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : UNKNOWN_LIMIT);
  }

  /** Of a process that may have this many files open. */
  static int connectionsMax(long openFilesMax) {
    long left = Math.max(openFilesMax - RESERVED, openFilesMax / 4);
    return (int) Math.clamp(left, CONNECTIONS_MIN, CONNECTIONS_MAX);
  }
}
