package org.headrace.federation.discovery;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Name;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/** SRV look-ups over DNS, at the system's name servers or at given ones. */
public final class DnsSrvLookup implements SrvLookup {
  private static final Duration LOOKUP_MAX = Duration.ofSeconds(2);
  private static final Duration SERVER_MAX = Duration.ofMillis(900);
  private static final int RECORDS_MAX = 20;

  private final LookupSession session;

  /** Asks these name servers, or the system's if there are none. */
  public DnsSrvLookup(List<InetSocketAddress> servers) {
    List<InetSocketAddress> asked =
        servers.isEmpty() ? ResolverConfig.getCurrentConfig().servers() : servers;
    List<Resolver> resolvers = new ArrayList<>();
    for (InetSocketAddress server : asked) {
      Resolver resolver = new SimpleResolver(server);
      resolver.setTimeout(SERVER_MAX);
      resolvers.add(resolver);
    }
    ExtendedResolver resolver = new ExtendedResolver(resolvers);
    resolver.setTimeout(LOOKUP_MAX);
    this.session =
        LookupSession.builder().resolver(resolver).executor(Thread::startVirtualThread).build();
  }

  @Override
  public Answer lookup(String name) {
    try {
      var answer =
          session
              .lookupAsync(Name.fromString(name, Name.root), Type.SRV)
              .toCompletableFuture()
              .get(LOOKUP_MAX.toMillis(), TimeUnit.MILLISECONDS);
      List<Record> records = new ArrayList<>();
      long seconds = Long.MAX_VALUE;
      for (var record : answer.getRecords()) {
        if (record instanceof SRVRecord srv && records.size() < RECORDS_MAX) {
          seconds = Math.min(seconds, srv.getTTL());
          records.add(
              new Record(
                  srv.getPriority(),
                  srv.getWeight(),
                  srv.getPort(),
                  srv.getTarget().equals(Name.root) ? "" : srv.getTarget().toString(true)));
        }
      }
      return records.isEmpty()
          ? Answer.NONE
          : new Answer(List.copyOf(records), Duration.ofSeconds(seconds), false);
    } catch (ExecutionException e) {
      boolean none =
          e.getCause() instanceof NoSuchDomainException
              || e.getCause() instanceof NoSuchRRSetException;
      return none ? Answer.NONE : Answer.FAILED;
    } catch (TextParseException e) {
      return Answer.NONE;
    } catch (TimeoutException e) {
      return Answer.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answer.FAILED;
    }
  }
}
