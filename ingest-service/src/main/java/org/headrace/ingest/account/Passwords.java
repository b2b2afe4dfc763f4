package org.headrace.ingest.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.id.UserId;
import org.headrace.http.ClientAddress;
import org.headrace.http.RateLimit;
import org.headrace.ingest.client.Sizes;
import org.headrace.projections.view.AccountsView;

/**
 * Checks passwords, as long for a user who does not exist; wrong ones are limited by user, and by
 * the address that they come from, whomever they try.
 */
@ApplicationScoped
public class Passwords {
  private static final int FAILURES_BURST = 10;
  private static final Duration FAILURE_REFILL = Duration.ofSeconds(6);
  private static final int ADDRESS_FAILURES_BURST = 50;
  private static final Duration ADDRESS_FAILURE_REFILL = Duration.ofSeconds(2);

  private final AccountsView accounts;
  private final PasswordHasher hasher;
  private final ClientAddress address;
  private final RateLimit failures;
  private final RateLimit addressFailures;
  private final boolean limited;

  @Inject
  public Passwords(
      AccountsView accounts,
      PasswordHasher hasher,
      ClientAddress address,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean limited) {
    this.accounts = accounts;
    this.hasher = hasher;
    this.address = address;
    this.limited = limited;
    addressFailures = new RateLimit(ADDRESS_FAILURES_BURST, ADDRESS_FAILURE_REFILL, clock::millis);
    failures = new RateLimit(FAILURES_BURST, FAILURE_REFILL, clock::millis);
  }

  /** The user's account, if the password is its. Throws M_LIMIT_EXCEEDED after many wrong ones. */
  public Optional<AccountsView.Account> check(UserId user, String password) {
    if (limited) {
      failures.require(user.value());
      addressFailures.require(address.key());
    }
    Optional<AccountsView.Account> account = accounts.account(user);
    boolean right =
        password.getBytes(StandardCharsets.UTF_8).length <= Sizes.PASSWORD_BYTES_MAX
            && (account.isPresent()
                ? hasher.matches(password, account.get().passwordHash())
                : hasher.matchesNobody(password));
    if (!right && limited) {
      failures.spend(user.value());
      addressFailures.spend(address.key());
    }
    return right ? account : Optional.empty();
  }
}
