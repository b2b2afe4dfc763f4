package org.headrace.standalone.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.headrace.schema.tenant.Tenants;
import org.headrace.schema.trace.Traces;
import org.jspecify.annotations.Nullable;

/**
 * What this process runs. The command line starts it beside the HTTP framework, whose beans find it
 * here; {@link #pipeline} waits until it is up.
 */
public final class Node {
  private static volatile @Nullable Node current;

  private final Path data;
  private final Optional<Path> media;
  private final Set<Role> roles;
  private final @Nullable Tenants tenants;
  private final @Nullable FederationSetup federation;
  private final Traces traces;
  private final List<Condition> beside = new CopyOnWriteArrayList<>();
  private volatile boolean draining;
  private final Future<? extends Running> pipeline;

  private Node(
      Path data,
      Optional<Path> media,
      Set<Role> roles,
      @Nullable Tenants tenants,
      @Nullable FederationSetup federation,
      Traces traces,
      Future<? extends Running> pipeline) {
    this.data = data;
    this.media = media;
    this.roles = roles;
    this.tenants = tenants;
    this.federation = federation;
    this.traces = traces;
    this.pipeline = pipeline;
  }

  /**
   * Makes this the node that beans find; once in a process's life.
   *
   * @param data the data folder
   * @param media where processes share their uploads
   * @param tenants null, like {@code federation}, where no role needs them
   */
  public static Node set(
      Path data,
      Optional<Path> media,
      Set<Role> roles,
      @Nullable Tenants tenants,
      @Nullable FederationSetup federation,
      Traces traces,
      Future<? extends Running> pipeline) {
    Node node = new Node(data, media, roles, tenants, federation, traces, pipeline);
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

  boolean has(Role role) {
    return roles.contains(role);
  }

  /** The data folder. */
  Path data() {
    return data;
  }

  /** The folder that processes share their uploads in; empty: they are in the data folder. */
  Optional<Path> media() {
    return media;
  }

  Tenants tenants() {
    return Objects.requireNonNull(tenants, "no role of this process knows tenants");
  }

  FederationSetup federation() {
    return Objects.requireNonNull(federation, "no role of this process speaks to other servers");
  }

  Traces traces() {
    return traces;
  }

  /** A part beside the pipeline must fulfil this too. */
  void watch(Condition condition) {
    beside.add(condition);
  }

  /** All that must hold. */
  List<Condition> conditions() {
    List<Condition> all = new ArrayList<>(pipeline().conditions());
    all.addAll(beside);
    return all;
  }

  /** Whether the process is about to stop: it still answers, but should get nothing new. */
  boolean isDraining() {
    return draining;
  }

  void drain() {
    draining = true;
    if (pipeline.isDone()) {
      pipeline().drain();
    }
  }

  Running pipeline() {
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
