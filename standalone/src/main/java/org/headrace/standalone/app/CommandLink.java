package org.headrace.standalone.app;

import java.util.List;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.KafkaCommandLog;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;
import org.headrace.standalone.broker.BrokerAccess;

/**
 * A way into the log of a running server for its data folder's owner: what is asked over it is
 * decided and answered as a request over HTTP would be.
 */
public final class CommandLink implements AutoCloseable {
  private final TickReader ticks;
  private final KafkaCommandLog commandLog;

  public CommandLink(BrokerAccess access) throws InterruptedException {
    Outcomes outcomes = new Outcomes();
    ticks = new TickReader(access.clientConfig(), Pipeline.PARTITIONS, List.of(outcomes::accept));
    commandLog =
        new KafkaCommandLog(
            access.clientConfig(), Pipeline.PARTITIONS, outcomes, Pipeline.entropy());
    ticks.start();
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
