package org.headrace.ingest.effects;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.headrace.http.LoggedIds;
import org.headrace.log.effects.EffectReader;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.effect.RoomEffect;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Does what rooms need from the network (design D7): on virtual threads, a few for each server, one
 * for each room. An effect that is met again is done again; the room drops what it knows.
 */
@ApplicationScoped
public class EffectWorker implements EffectReader.Worker {
  private static final Logger LOG = Logger.getLogger(EffectWorker.class);
  private static final long VIEWS_AWAY_MILLIS = 1_000;

  @Inject MissingEvents missing;
  @Inject RoomHistory history;
  @Inject InviteSigning invites;
  @Inject PolicySigning policy;

  private final EffectQueues queues = new EffectQueues();

  @Override
  public void work(RoomEffect effect, Runnable done) {
    EffectQueues.Task task =
        new EffectQueues.Task(server(effect), room(effect), () -> run(effect, done));
    if (!queues.offer(task)) {
      LOG.warnf("Too much is asked of %s: %s is given up", server(effect), effect.id());
      giveUp(effect);
      done.run();
    }
  }

  private void run(RoomEffect effect, Runnable done) {
    MDC.put(LoggedIds.ROOM, effect.roomId().value());
    try {
      while (!isDone(effect)) {
        Thread.sleep(VIEWS_AWAY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.errorf(e, "The effect %s failed by an error of the server", effect.id());
    } finally {
      MDC.remove(LoggedIds.ROOM);
      done.run();
    }
  }

  /** False while views, without which nothing can be decided here, are away. */
  private boolean isDone(RoomEffect effect) throws InterruptedException {
    try {
      switch (effect) {
        case RoomEffect.FetchEvents fetch -> missing.fetch(fetch);
        case RoomEffect.FetchHistory fetch -> history.fetch(fetch);
        case RoomEffect.SignInvite sign -> invites.sign(sign);
        case RoomEffect.SignByPolicy sign -> policy.sign(sign);
      }
      return true;
    } catch (ViewsUnavailableException e) {
      LOG.warnf("The effect %s waits: %s", effect.id(), e.getMessage());
      return false;
    }
  }

  private void giveUp(RoomEffect effect) {
    switch (effect) {
      case RoomEffect.FetchEvents fetch -> {}
      case RoomEffect.FetchHistory fetch -> history.giveUp(fetch, "too much is asked for at once");
      case RoomEffect.SignInvite sign -> invites.giveUp(sign);
      case RoomEffect.SignByPolicy sign -> policy.giveUp(sign);
    }
  }

  private static String server(RoomEffect effect) {
    return switch (effect) {
      case RoomEffect.FetchEvents fetch -> fetch.origin().value();
      case RoomEffect.FetchHistory fetch -> "history of " + fetch.roomId();
      case RoomEffect.SignInvite sign -> sign.server().value();
      case RoomEffect.SignByPolicy sign -> sign.server().value();
    };
  }

  /** Signing waits for nothing but its server. */
  private static String room(RoomEffect effect) {
    return switch (effect) {
      case RoomEffect.FetchEvents fetch -> fetch.roomId().value();
      case RoomEffect.FetchHistory fetch -> "history of " + fetch.roomId();
      case RoomEffect.SignInvite sign -> sign.id();
      case RoomEffect.SignByPolicy sign -> sign.id();
    };
  }
}
