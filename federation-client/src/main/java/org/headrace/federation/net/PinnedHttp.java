package org.headrace.federation.net;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.federation.net.FederationException.Reason;

/**
 * HTTPS to one given address, with the certificate of a given name. Nothing is looked up here, no
 * redirect, cookie, proxy or compression is followed; a request ends by its deadline however slowly
 * the other side sends. A GET or PUT is sent again once if its connection turns out to be closed.
 * Calls block: they are made for virtual threads.
 */
public final class PinnedHttp implements AutoCloseable {
  private static final Timeout CONNECT_TIMEOUT = Timeout.ofSeconds(8);
  private static final TimeValue IDLE_CONNECTION_MAX = TimeValue.ofSeconds(60);
  private static final TimeValue CONNECTION_AGE_MAX = TimeValue.ofMinutes(10);
  private static final TimeValue CHECK_IF_IDLE_FOR = TimeValue.ofSeconds(1);
  private static final int CONNECTIONS_MAX = 2_000;
  private static final int CONNECTIONS_PER_ADDRESS_MAX = 100;
  private static final int HEADER_LINE_CHARS_MAX = 16_384;
  private static final int HEADERS_MAX = 200;

  private final CloseableHttpClient http;
  private final ScheduledThreadPoolExecutor deadlines;

  private PinnedHttp(SSLContext tls) {
    this.http = client(tls);
    this.deadlines =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("federation-deadlines").daemon().factory());
    deadlines.setRemoveOnCancelPolicy(true);
  }

  /** Trusts the JDK's authorities and those of these PEM files. */
  public static PinnedHttp trusting(List<Path> caCertificates) {
    return new PinnedHttp(TrustAnchors.tls(caCertificates));
  }

  /** No connection could be made, so that another address may be tried: nothing was sent. */
  public static final class NotConnected extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    NotConnected(Reason reason, String message) {
      super(message);
      this.reason = reason;
    }

    public FederationException asFailure() {
      return new FederationException(reason, String.valueOf(getMessage()));
    }
  }

  /**
   * Sends the request and reads the answer, whatever its status.
   *
   * @throws NotConnected if the address could not be connected to
   */
  public <T> T exchange(
      HttpTarget target, HttpCall call, CallLimits limits, Deadline deadline, BodyReader<T> reader)
      throws FederationException, NotConnected {
    HttpUriRequestBase request = request(target, call, limits, deadline);
    AtomicBoolean late = new AtomicBoolean();
    Future<?> watch =
        deadlines.schedule(
            () -> Thread.startVirtualThread(() -> cancelLate(request, late)),
            deadline.remainingMillis(),
            TimeUnit.MILLISECONDS);
    try {
      return read(target, request, limits, reader);
    } catch (InvalidJsonException e) {
      throw new FederationException(Reason.BAD_RESPONSE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      if (late.get() || deadline.hasPassed()) {
        throw new FederationException(Reason.TIMEOUT, "no whole answer in time");
      }
      throw failure(e);
    } finally {
      watch.cancel(false);
    }
  }

  private <T> T read(
      HttpTarget target, HttpUriRequestBase request, CallLimits limits, BodyReader<T> reader)
      throws IOException, FederationException {
    HttpHost host =
        new HttpHost("https", target.address(), target.certificateName(), target.port());
    try (ClassicHttpResponse response =
        http.executeOpen(host, request, HttpClientContext.create())) {
      boolean whole = false;
      try {
        HttpEntity entity = response.getEntity();
        InputStream content = entity == null ? InputStream.nullInputStream() : entity.getContent();
        T read =
            reader.read(new Head(response), new LimitedBody(content, limits.responseBytesMax()));
        // A connection whose answer was read to its end goes back to the pool.
        whole = content.read() < 0;
        return read;
      } finally {
        // Before the response is closed, which would read on.
        if (!whole) {
          request.cancel();
        }
      }
    }
  }

  private static void cancelLate(HttpUriRequestBase request, AtomicBoolean late) {
    late.set(true);
    request.cancel();
  }

  private static HttpUriRequestBase request(
      HttpTarget target, HttpCall call, CallLimits limits, Deadline deadline)
      throws FederationException {
    long leftMillis = deadline.remainingMillis();
    if (leftMillis == 0) {
      throw new FederationException(Reason.TIMEOUT, "no time is left");
    }
    HttpUriRequestBase request = new HttpUriRequestBase(call.method(), URI.create("/"));
    request.setPath(call.target());
    request.setScheme("https");
    request.setAuthority(authority(target.hostHeader()));
    request.setHeader("Accept", "application/json, */*;q=0.5");
    call.authorization().ifPresent(value -> request.setHeader("Authorization", value));
    call.body()
        .ifPresent(
            body -> request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON)));
    long idleMillis = Math.min(limits.idle().toMillis(), leftMillis);
    request.setConfig(
        RequestConfig.custom()
            .setConnectionRequestTimeout(Timeout.ofMilliseconds(leftMillis))
            .setResponseTimeout(Timeout.ofMilliseconds(idleMillis))
            .setAuthenticationEnabled(false)
            .setRedirectsEnabled(false)
            .setProtocolUpgradeEnabled(false)
            .build());
    return request;
  }

  private static URIAuthority authority(String hostHeader) throws FederationException {
    HostAndPort host = HostAndPort.parse(hostHeader);
    return new URIAuthority(host.host(), host.port().orElse(-1));
  }

  private static FederationException failure(IOException e) throws NotConnected {
    if (e instanceof LimitedBody.TooLarge) {
      return new FederationException(Reason.BAD_RESPONSE, String.valueOf(e.getMessage()));
    }
    if (e instanceof ConnectTimeoutException) {
      throw new NotConnected(Reason.TIMEOUT, "no connection in time");
    }
    if (e instanceof ConnectException || e instanceof NoRouteToHostException) {
      throw new NotConnected(Reason.UNREACHABLE, "no connection");
    }
    if (e instanceof SSLException) {
      return isCertificate(e)
          ? new FederationException(Reason.BAD_CERTIFICATE, rootMessage(e))
          : new FederationException(Reason.UNREACHABLE, "TLS: " + rootMessage(e));
    }
    if (e instanceof SocketTimeoutException) {
      return new FederationException(Reason.TIMEOUT, "the server is silent");
    }
    if (e instanceof InterruptedIOException) {
      return new FederationException(Reason.UNREACHABLE, "the request was given up");
    }
    if (e.getCause() instanceof HttpException
        || e instanceof CharacterCodingException
        || e instanceof JsonProcessingException
        || e instanceof MalformedChunkCodingException) {
      return new FederationException(Reason.BAD_RESPONSE, rootMessage(e));
    }
    return new FederationException(Reason.UNREACHABLE, rootMessage(e));
  }

  private static boolean isCertificate(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) {
        return true;
      }
    }
    return false;
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  private static CloseableHttpClient client(SSLContext tls) {
    DnsResolver none =
        new DnsResolver() {
          @Override
          public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException("addresses are looked up and checked elsewhere");
          }

          @Override
          public String resolveCanonicalHostname(String host) throws UnknownHostException {
            throw new UnknownHostException("addresses are looked up and checked elsewhere");
          }
        };
    Http1Config http1 =
        Http1Config.custom()
            .setMaxLineLength(HEADER_LINE_CHARS_MAX)
            .setMaxHeaderCount(HEADERS_MAX)
            .build();
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setTlsSocketStrategy(
                ClientTlsStrategyBuilder.create().setSslContext(tls).buildClassic())
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder().http1Config(http1).build())
            .setDnsResolver(none)
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setMaxConnTotal(CONNECTIONS_MAX)
            .setMaxConnPerRoute(CONNECTIONS_PER_ADDRESS_MAX)
            .setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(CONNECT_TIMEOUT).build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(CONNECT_TIMEOUT)
                    .setTimeToLive(CONNECTION_AGE_MAX)
                    .setValidateAfterInactivity(CHECK_IF_IDLE_FOR)
                    .build())
            .build();
    return HttpClientBuilder.create()
        .setConnectionManager(connections)
        .setRoutePlanner((host, context) -> new HttpRoute(host, null, true))
        .evictExpiredConnections()
        .evictIdleConnections(IDLE_CONNECTION_MAX)
        .setUserAgent("Headrace")
        .disableRedirectHandling()
        .setRetryStrategy(new OnceIfClosed())
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  /** The pool may hand out a connection that the other side has just closed. */
  private static final class OnceIfClosed implements HttpRequestRetryStrategy {
    @Override
    public boolean retryRequest(
        HttpRequest request, IOException failure, int attempts, HttpContext context) {
      return attempts == 1
          && failure instanceof NoHttpResponseException
          && !request.getMethod().equals("POST");
    }

    @Override
    public boolean retryRequest(HttpResponse response, int attempts, HttpContext context) {
      return false;
    }

    @Override
    public TimeValue getRetryInterval(HttpResponse response, int attempts, HttpContext context) {
      return TimeValue.ZERO_MILLISECONDS;
    }
  }

  private record Head(ClassicHttpResponse response) implements ResponseHead {
    @Override
    public int status() {
      return response.getCode();
    }

    @Override
    public Optional<String> header(String name) {
      Header header = response.getFirstHeader(name);
      return header == null ? Optional.empty() : Optional.ofNullable(header.getValue());
    }
  }

  @Override
  public void close() throws IOException {
    deadlines.shutdownNow();
    http.close();
  }
}
