package org.headrace.standalone.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.headrace.http.RecentSessions;
import org.headrace.log.effects.EffectReader;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.ticks.TracedNews;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.view.ViewPorts;
import org.headrace.schema.log.Partitions;

/**
 * The parts between HTTP and the log that run in this process, as beans find them. What a process
 * without a role for it is asked for, {@link IllegalStateException} answers.
 */
public interface Running extends AutoCloseable {
  Partitions partitions();

  CommandLog commandLog();

  ViewPorts views();

  /** The sessions that stand in while the views are away. */
  RecentSessions recentSessions();

  Wakeups wakeups();

  /** What has become visible of what was traced. */
  TracedNews tracedNews();

  /** How parts beside these reach the brokers. */
  Map<String, Object> clientConfig();

  /** Where Kafka Streams keeps this process's stores. */
  Path streamsFolder();

  /** This process's name among those of the deployment, the same after a restart. */
  String node();

  /** How many further processes keep a copy of each store. */
  int standbys();

  /** From now on this worker does what rooms need from the network, until closed. */
  void runEffects(EffectReader.Worker worker);

  /** What must hold for this process to be of use; asked often, answered at once. */
  List<Condition> conditions();

  /** What is measured, beside what libraries measure themselves. */
  List<Measure> measures();

  /** Lets those go who wait for news: the process is about to stop. */
  void drain();

  /** What an operator must know: one line. */
  void alarm(String line);

  /** Why this process must end, in one line: a part of it cannot go on, and only a new one can. */
  void fatal(String line);

  @Override
  void close();
}
