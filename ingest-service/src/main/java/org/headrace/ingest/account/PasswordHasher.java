package org.headrace.ingest.account;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.RandomSource;

/**
 * Argon2id with its parameters in the hash ({@code $argon2id$v=19$m=..,t=..,p=..$salt$hash}), so
 * that they can be raised later. Hashing runs on few threads of its own: logins cannot take all
 * processors, and beyond {@link #WAITING_MAX} they are told to come back.
 */
@ApplicationScoped
public class PasswordHasher {
  static final int WAITING_MAX = 1000;

  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final long RETRY_MILLIS = 5_000;

  /** Ceilings for hashes that were made elsewhere. */
  private static final int MEMORY_KIB_MAX = 1 << 20;

  private static final int ITERATIONS_MAX = 64;

  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  private final RandomSource random;
  private final int memoryKib;
  private final int iterations;
  private final ThreadPoolExecutor threads;
  private final String nobodysHash;

  /** Defaults: OWASP's recommendation for Argon2id of 19 MiB and two passes. */
  @Inject
  public PasswordHasher(
      RandomSource random,
      @ConfigProperty(name = "headrace.passwords.memory-kib", defaultValue = "19456") int memoryKib,
      @ConfigProperty(name = "headrace.passwords.iterations", defaultValue = "2") int iterations) {
    this.random = random;
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().name("password-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
    nobodysHash = form(memoryKib, iterations, 1, new byte[SALT_BYTES], new byte[HASH_BYTES]);
  }

  /** A new hash with a new salt. Throws M_LIMIT_EXCEEDED if too many wait. */
  public String hash(String password) {
    byte[] salt = random.bytes(SALT_BYTES);
    return run(
        () -> {
          byte[] hash = argon2(password, salt, memoryKib, iterations, 1, HASH_BYTES);
          return form(memoryKib, iterations, 1, salt, hash);
        });
  }

  /** Whether the password is that of the hash. Throws M_LIMIT_EXCEEDED if too many wait. */
  public boolean matches(String password, String stored) {
    Matcher form = FORM.matcher(stored);
    if (!form.matches()) {
      return false;
    }
    int memory = Math.min(MEMORY_KIB_MAX, Integer.parseInt(form.group(1)));
    int passes = Math.min(ITERATIONS_MAX, Integer.parseInt(form.group(2)));
    int lanes = Integer.parseInt(form.group(3));
    byte[] salt = UnpaddedBase64.decode(form.group(4));
    byte[] expected = UnpaddedBase64.decode(form.group(5));
    return run(
        () ->
            MessageDigest.isEqual(
                expected, argon2(password, salt, memory, passes, lanes, expected.length)));
  }

  /** Takes as long as {@link #matches} for a user who does not exist, and is false. */
  public boolean matchesNobody(String password) {
    boolean unused = matches(password, nobodysHash);
    return false;
  }

  @PreDestroy
  void close() {
    threads.shutdownNow();
  }

  private static byte[] argon2(
      String password, byte[] salt, int memoryKib, int iterations, int lanes, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[length];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    return hash;
  }

  private static String form(int memoryKib, int iterations, int lanes, byte[] salt, byte[] hash) {
    return "$argon2id$v=19$m="
        + memoryKib
        + ",t="
        + iterations
        + ",p="
        + lanes
        + "$"
        + UnpaddedBase64.encode(salt)
        + "$"
        + UnpaddedBase64.encode(hash);
  }

  private <T> T run(Callable<T> task) {
    try {
      return threads.submit(task).get();
    } catch (RejectedExecutionException e) {
      throw MatrixError.limitExceeded(RETRY_MILLIS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
