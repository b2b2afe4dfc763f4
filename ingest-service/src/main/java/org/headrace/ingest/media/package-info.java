/** Uploads of media (client-server API, "Content repository"). */
@NullMarked
package org.headrace.ingest.media;

import org.jspecify.annotations.NullMarked;
