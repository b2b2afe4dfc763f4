package org.headrace.federation.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The certificate authorities that are trusted: the JDK's, and those of PEM files. */
final class TrustAnchors {
  private TrustAnchors() {}

  /** Throws {@link IllegalArgumentException} for a file that holds no certificate. */
  static SSLContext tls(List<Path> caCertificates) {
    try {
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      int number = 0;
      for (X509Certificate authority : ofJdk()) {
        anchors.setCertificateEntry("jdk-" + number++, authority);
      }
      for (Path file : caCertificates) {
        for (Certificate authority : read(file)) {
          anchors.setCertificateEntry("added-" + number++, authority);
        }
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trusting(anchors), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("TLS cannot be set up", e);
    }
  }

  private static List<Certificate> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IllegalArgumentException("no certificate in " + file);
      }
      return List.copyOf(certificates);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("no PEM file of certificates: " + file, e);
    }
  }

  private static List<X509Certificate> ofJdk() throws GeneralSecurityException {
    for (TrustManager manager : trusting(null)) {
      if (manager instanceof X509TrustManager x509) {
        return List.of(x509.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  private static TrustManager[] trusting(@Nullable KeyStore anchors)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(anchors);
    return factory.getTrustManagers();
  }
}
