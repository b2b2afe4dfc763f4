/** Downloads and thumbnails of media (client-server API, "Content repository"). */
@NullMarked
package org.headrace.api.media;

import org.jspecify.annotations.NullMarked;
