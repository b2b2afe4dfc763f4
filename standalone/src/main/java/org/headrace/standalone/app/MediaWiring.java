package org.headrace.standalone.app;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.media.FolderMediaStore;
import org.headrace.media.MediaCache;
import org.headrace.media.MediaStore;

/** Gives the services the folders of media: uploads' may be shared with other processes. */
@ApplicationScoped
public class MediaWiring {
  @Produces
  @Singleton
  MediaStore store() throws IOException {
    Node node = Node.current();
    return node.media().isPresent()
        ? FolderMediaStore.shared(node.media().get(), node.pipeline().node())
        : new FolderMediaStore(folder().resolve("uploads"));
  }

  @Produces
  @Singleton
  MediaCache cache(
      @ConfigProperty(name = "headrace.media.cache-bytes", defaultValue = "5368709120")
          long bytesMax)
      throws IOException {
    return new MediaCache(folder().resolve("cache"), bytesMax, InstantSource.system());
  }

  private static Path folder() {
    return Node.current().data().resolve("media");
  }
}
