package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceSettingsTest {
  private static TraceSettings traces(String url) throws StartException {
    return Settings.resolve(Map.of(Setting.TRACES, url), Map.of()).traces().orElseThrow();
  }

  @Test
  void nothingIsTracedAndLogsAreTextUnlessItIsSaid() throws Exception {
    Settings settings = Settings.resolve(Map.of(), Map.of());
    assertThat(settings.traces()).isEmpty();
    assertThat(settings.jsonLogs()).isFalse();
    assertThat(Settings.resolve(Map.of(Setting.LOG_FORMAT, "json"), Map.of()).jsonLogs()).isTrue();
  }

  @Test
  void aCollectorIsNamedByItsAddressOrByItsWholeUrl() throws Exception {
    URI whole = URI.create("http://collector:4318/v1/traces");
    assertThat(traces("http://collector:4318").endpoint()).isEqualTo(whole);
    assertThat(traces("http://collector:4318/").endpoint()).isEqualTo(whole);
    assertThat(traces("https://collector/otlp/x").endpoint())
        .isEqualTo(URI.create("https://collector/otlp/x"));
  }

  @Test
  void oneRequestOfAHundredIsTracedUnlessAnotherRatioIsGiven() throws Exception {
    assertThat(traces("http://collector:4318").ratio()).isEqualTo(0.01);
    assertThat(
            Settings.resolve(
                    Map.of(Setting.TRACES, "http://c:4318"), Map.of("HEADRACE_TRACES_RATIO", "1"))
                .traces()
                .orElseThrow()
                .ratio())
        .isEqualTo(1);
  }

  @Test
  void mistakesAreSaidInOneLine() {
    refused(Map.of(Setting.TRACES, "collector:4318"), "http or https URL");
    refused(Map.of(Setting.TRACES, "ftp://collector"), "http or https URL");
    refused(Map.of(Setting.TRACES, "http://a b"), "http or https URL");
    refused(Map.of(Setting.TRACES, "http://user:word@collector"), "http or https URL");
    refused(Map.of(Setting.TRACES_RATIO, "1"), "--traces-ratio needs --traces");
    for (String ratio : new String[] {"2", "-1", "NaN", "some"}) {
      refused(Map.of(Setting.TRACES, "http://c:4318", Setting.TRACES_RATIO, ratio), "from 0 to 1");
    }
    refused(Map.of(Setting.LOG_FORMAT, "xml"), "text or json");
  }

  @Test
  void aPasswordInAnAddressIsNotRepeated() {
    assertThatThrownBy(
            () -> Settings.resolve(Map.of(Setting.TRACES, "http://user:word@collector"), Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageNotContaining("word@");
  }

  private static void refused(Map<Setting, String> flags, String why) {
    assertThatThrownBy(() -> Settings.resolve(flags, Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(why);
  }
}
