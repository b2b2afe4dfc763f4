package org.headrace.standalone.app;

import java.util.List;
import java.util.Map;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.KafkaCommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;
import org.headrace.log.ticks.TracedNews;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.trace.Traces;
import org.headrace.standalone.broker.BrokerAccess;
import org.headrace.standalone.broker.TopicPlan;

/**
 * A way into the log of a running server for its owner: what is asked over it is decided and
 * answered as a request over HTTP would be.
 */
public final class CommandLink implements AutoCloseable {
  private final TickReader ticks;
  private final KafkaCommandLog commandLog;

  private CommandLink(Map<String, Object> clientConfig, Partitions partitions)
      throws InterruptedException {
    Outcomes outcomes = new Outcomes();
    ticks = new TickReader(clientConfig, partitions, TracedNews.NONE, List.of(outcomes::accept));
    commandLog =
        new KafkaCommandLog(
            clientConfig, partitions, outcomes, Pipeline.entropy(), () -> Traces.Span.NONE);
    ticks.start();
  }

  /** To the process that holds the data folder. */
  public static CommandLink toBroker(BrokerAccess access) throws InterruptedException {
    return new CommandLink(access.clientConfig(), Pipeline.PARTITIONS);
  }

  /** To a deployment on brokers of their own; throws {@link IllegalStateException}. */
  public static CommandLink toCluster(Map<String, Object> clientConfig)
      throws InterruptedException {
    return new CommandLink(clientConfig, TopicPlan.check(clientConfig, warning -> {}));
  }

  public CommandLog commandLog() {
    return commandLog;
  }

  @Override
  public void close() {
    commandLog.close();
    ticks.close();
  }
}
