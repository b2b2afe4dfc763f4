package org.headrace.standalone.app;

import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * What this process runs. The command line starts it beside the HTTP framework, whose beans find it
 * here; {@link #pipeline} waits until it is up.
 */
public final class Node {
  private static volatile @Nullable Node current;

  private final Tenants tenants;
  private final FederationSetup federation;
  private final Future<Pipeline> pipeline;

  private Node(Tenants tenants, FederationSetup federation, Future<Pipeline> pipeline) {
    this.tenants = tenants;
    this.federation = federation;
    this.pipeline = pipeline;
  }

  /** Makes this the node that beans find; once in a process's life. */
  public static Node set(Tenants tenants, FederationSetup federation, Future<Pipeline> pipeline) {
    Node node = new Node(tenants, federation, pipeline);
    current = node;
    return node;
  }

  static Node current() {
    Node node = current;
    if (node == null) {
      throw new IllegalStateException("no node was started in this process");
    }
    return node;
  }

  Tenants tenants() {
    return tenants;
  }

  FederationSetup federation() {
    return federation;
  }

  Pipeline pipeline() {
    try {
      return pipeline.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
  }
}
