package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Kustomize makes of an overlay what is asked; the other tests look at it. */
class RenderingTest {
  static final List<String> OVERLAYS = Manifests.OVERLAYS;

  @ParameterizedTest
  @FieldSource("OVERLAYS")
  void anOverlayRendersToAllOfTheBaseInItsNamespace(String overlay) throws Exception {
    assertThat(Manifests.FOLDER.resolve(overlay).resolve("kustomization.yaml")).exists();
    assumeTrue(Manifests.kubectl().isPresent(), "kubectl is not found: overlays were not rendered");
    Manifests rendered = Manifests.rendered(overlay);
    assertThat(rendered.serving())
        .extracting(Manifest::name)
        .containsAll(Manifests.base().serving().stream().map(Manifest::name).toList());
    assertThat(rendered.all())
        .filteredOn(manifest -> !manifest.kind().equals("Namespace"))
        .allMatch(
            manifest ->
                manifest.json().path("metadata").path("namespace").asText().equals("headrace"));
  }
}
