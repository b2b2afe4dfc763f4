package org.headrace.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

@Path("/_matrix/client/versions")
public class VersionsResource {
  @GET
  public String versions() {
    return "{}";
  }
}
