package org.headrace.standalone.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a process tells of what it does. */
final class ObservingFlags {
  @Option(
      names = "--traces",
      paramLabel = "URL",
      description =
          "where traces of messages are sent, by OTLP over HTTP (HEADRACE_TRACES) [nowhere]")
  @Nullable String traces;

  @Option(
      names = "--traces-ratio",
      paramLabel = "RATIO",
      description =
          "of how many of the requests that write, from 0 to 1 (HEADRACE_TRACES_RATIO) [0.01]")
  @Nullable String tracesRatio;

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      description = "what a line of the log is (HEADRACE_LOG_FORMAT) [text]")
  @Nullable String logFormat;

  void put(Map<Setting, String> flags) {
    FolderOptions.put(flags, Setting.TRACES, traces);
    FolderOptions.put(flags, Setting.TRACES_RATIO, tracesRatio);
    FolderOptions.put(flags, Setting.LOG_FORMAT, logFormat);
  }
}
