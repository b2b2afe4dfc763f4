package org.headrace.api.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.headrace.http.MatrixError;
import org.junit.jupiter.api.Test;

class ServerInfoResourceTest {
  private final ServerInfoResource resource = new ServerInfoResource();

  @Test
  void nothingIsDelegatedUnlessASettingSaysSo() {
    assertThatThrownBy(resource::wellKnown)
        .isInstanceOfSatisfying(
            MatrixError.class,
            error -> {
              assertThat(error.status()).isEqualTo(404);
              assertThat(error.errcode()).isEqualTo("M_NOT_FOUND");
            });
    resource.delegate = Optional.of("matrix.one.example:443");
    assertThat(new String((byte[]) resource.wellKnown().getEntity()))
        .isEqualTo("{\"m.server\":\"matrix.one.example:443\"}");
  }
}
