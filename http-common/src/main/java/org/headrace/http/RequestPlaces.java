package org.headrace.http;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.RequestScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * Places that the current request holds until it has been answered, its body written, or failed.
 */
@RequestScoped
public class RequestPlaces {
  private final List<Places.Place> held = new ArrayList<>();

  public void hold(Places.Place place) {
    held.add(place);
  }

  @PreDestroy
  public void release() {
    held.forEach(Places.Place::close);
    held.clear();
  }
}
