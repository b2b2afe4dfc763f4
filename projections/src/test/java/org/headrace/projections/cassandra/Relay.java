package org.headrace.projections.cassandra;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Between a driver and a node: can fall silent, as a node that was stopped, be slow, or go. */
final class Relay implements AutoCloseable {
  private final InetSocketAddress target;
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private boolean silent;
  private volatile Duration delay = Duration.ZERO;

  Relay(InetSocketAddress target) throws IOException {
    this.target = target;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
  }

  /** Whether what comes from now on stays here, until it is set to speak again. */
  synchronized void setSilent(boolean silent) {
    this.silent = silent;
    notifyAll();
  }

  /** How long what comes from now on takes, each way. */
  void setDelay(Duration delay) {
    this.delay = delay;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket node = new Socket(target.getAddress(), target.getPort());
        sockets.add(client);
        sockets.add(node);
        Thread.ofVirtual().start(() -> pump(client, node));
        Thread.ofVirtual().start(() -> pump(node, client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[8_192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        awaitSpeaking();
        Thread.sleep(delay);
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      // One side has gone, and the other goes with it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitSpeaking() throws InterruptedException {
    while (silent) {
      wait();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
