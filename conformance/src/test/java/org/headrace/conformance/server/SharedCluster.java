package org.headrace.conformance.server;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One cluster for all test classes that leave it whole: a start takes one and a half minutes, and
 * it takes 5.5 GB of memory. It is stopped after the last test, and after one that fails: nobody
 * knows what that left behind, so the next starts its own.
 */
public final class SharedCluster implements ParameterResolver, AfterEachCallback {
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(SharedCluster.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ClusterScript.class;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      ClusterScript left =
          context.getRoot().getStore(STORE).remove(ClusterScript.class, ClusterScript.class);
      if (left != null) {
        left.close();
      }
    }
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(STORE)
        .computeIfAbsent(ClusterScript.class, key -> ClusterScript.up(), ClusterScript.class);
  }
}
