package org.headrace.standalone.app;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.InstantSource;
import org.headrace.federation.Federation;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.keys.ServerKeys;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.federation.signatures.PduSignatures;
import org.headrace.federation.signatures.RequestAuthenticator;
import org.headrace.standalone.keys.FolderServerKeyStore;

/** Gives the services what they need to speak to other servers, one of each in this process. */
@ApplicationScoped
public class FederationWiring {
  @Produces
  @Singleton
  Federation federation() throws IOException {
    FederationSetup setup = Node.current().federation();
    return Federation.open(
        setup.settings(),
        setup.policies(),
        setup.keys(),
        new FolderServerKeyStore(Node.current().data().resolve("server-keys")),
        InstantSource.system());
  }

  void close(@Disposes Federation federation) throws Exception {
    federation.close();
  }

  @Produces
  @Singleton
  TenantKeys tenantKeys() {
    return Node.current().federation().keys();
  }

  @Produces
  @Singleton
  FederationPolicy.OfTenants policies() {
    return Node.current().federation().policies();
  }

  @Produces
  @Singleton
  FederationClient client(Federation federation) {
    return federation.client();
  }

  @Produces
  @Singleton
  FederationCalls calls(Federation federation) {
    return federation.calls();
  }

  @Produces
  @Singleton
  ServerKeys serverKeys(Federation federation) {
    return federation.keys();
  }

  @Produces
  @Singleton
  RequestAuthenticator authenticator(Federation federation) {
    return federation.authenticator();
  }

  @Produces
  @Singleton
  PduSignatures pduSignatures(Federation federation) {
    return federation.pduSignatures();
  }

  @Produces
  @Singleton
  LocalSignatures localSignatures(Federation federation) {
    return federation.localSignatures();
  }
}
